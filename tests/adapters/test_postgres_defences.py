"""The database defends itself: what the service would never write is refused by a constraint's name."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg2
import pytest

from adapters.postgres.tables import metadata
from domain.money import AMOUNT_MINOR_MAX
from domain.wallet import external_wallet_id
from tests.builders import open_account, replenish
from tests.concurrency.rig import a_stranger
from tests.servers import Servers
from tests.stage import a_stage, strike

TOO_MUCH = AMOUNT_MINOR_MAX + 1
NEW, OTHER = "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"
EARLIER = "00000000-0000-7000-8000-000000000000"
NOW = "'2030-01-01 00:00:00+00'"
OUT, INTO = "(0, {usd}, -5, 'USD', NULL, NULL)", "(1, {ada}, 5, 'USD', 105, 2)"
MADE = "INSERT INTO transaction (id, type, actor, request_id, created_at, reference, reverses)"


def transaction(*, type: str = "transfer", more: str = "NULL, NULL", id: str = NEW) -> str:
    return f"{MADE} VALUES ('{id}', '{type}', 'a', 'r', {NOW}, {more});"


def postings(*legs: str, of: str = NEW, at: str = NOW) -> str:
    return (
        f"INSERT INTO posting SELECT '{of}', wallet, amount,"
        f" after::bigint, version::bigint, {at}, leg, currency"
        f" FROM (VALUES {', '.join(legs)}) AS new (leg, wallet, amount, currency, after, version)"
    )


def movement(*legs: str) -> str:
    return transaction() + postings(*legs)


def account(*, name: str = "'Bob'", status: str = "active", more: str = "NULL") -> str:
    return (
        "INSERT INTO account (id, name, status, created_at, updated_at, reference)"
        f" VALUES ('{NEW}', {name}, '{status}', {NOW}, {NOW}, {more});"
    )


def wallet(account: str = f"'{NEW}'", currency: str = "USD") -> str:
    return (
        "INSERT INTO wallet"
        " (id, account_id, currency, created_at, updated_at, balance, wallet_version)"
        f" VALUES ('{NEW}', {account}, '{currency}', {NOW}, {NOW}, 0, 0)"
    )


def change_wallet(change: str) -> str:
    return f"UPDATE wallet SET {change} WHERE id = {{ada}}"


NUMBER = "INSERT INTO transaction_number VALUES ({}, '{}');"
SUBTREE = "INSERT INTO seal_subtree VALUES (8, 0, {});"
VERIFICATION = (
    f"INSERT INTO verification OVERRIDING SYSTEM VALUE VALUES (1, {NOW}, 5, false, 0, 0, 0, 0, 0);"
)


def seal(*, block: int = 1, size: int = 1, hash: str = "sha256('h')") -> str:
    values = f"{block}, 1, {size}, {NOW}, sha256('r'), sha256('p'), {hash}, '', sha256('l')"
    return f"INSERT INTO seal VALUES ({values});"


BACK, OUTSIDE = "(0, {ada}, -5, 'USD', 95, 2)", "(1, {usd}, 5, 'USD', NULL, NULL)"
AGAIN = "(1, {ada}, 5, 'USD', 100, 3)"
STRAY = "(0, {bob}, -5, 'USD', -5, 1)"


def reversal(*, id: str = NEW, of: str = "{made}") -> str:
    return transaction(type="reversal", id=id, more=f"NULL, '{of}'")


def back(amount: int, after: int = 0, version: int = 2) -> tuple[str, str]:
    """Legs that take this much back from Ada."""
    return (
        f"(0, {{ada}}, -{amount}, 'USD', {after}, {version})",
        f"(1, {{usd}}, {amount}, 'USD', NULL, NULL)",
    )


TAKEN_BACK = reversal() + postings(BACK, OUTSIDE) + ";"
SIXTY_TWICE = (
    reversal()
    + reversal(id=OTHER)
    + postings(*back(60, 40))
    + ";"
    + postings(*back(60, -20, 3), of=OTHER)
)
KEY = (
    "INSERT INTO idempotency_key (scope, key, fingerprint, transaction_id, outcome, created_at)"
    f" VALUES ('default', {{key}}, '', {{values}}, {NOW})"
)


def hold(change: str = "") -> str:
    """A new hold of 5 by Ada for the wallet in EUR, with some columns changed: `amount = 0`."""
    row = {
        "id": f"'{NEW}'", "wallet_id": "{ada}", "destination_wallet_id": "{euro}", "amount": "5",
        "captured": "0", "status": "'pending'", "currency": "'USD'", "expires_at": "NULL",
        "reference": "NULL", "actor": "'a'", "request_id": "'r'", "created_at": NOW,
        "updated_at": NOW,
    }  # fmt: skip
    row |= dict(each.split(" = ") for each in change.split(", ") if each)
    return f"INSERT INTO hold ({', '.join(row)}) VALUES ({', '.join(row.values())});"


def change_hold(change: str, first: str = "") -> str:
    return hold(first) + f"UPDATE hold SET {change} WHERE id = '{NEW}';"


CAPTURED = "status = 'captured', captured = 5"
CAPTURE = (
    "INSERT INTO transaction (id, type, actor, request_id, created_at, hold_id)"
    f" VALUES ('{NEW}', '{{type}}', 'a', 'r', {NOW}, {{hold}});"
)


def quote(change: str = "") -> str:
    """10.50 USD for 9.63 EUR, with some columns changed: `rate = 0`."""
    row = {
        "id": f"'{NEW}'", "source_currency": "'USD'", "destination_currency": "'EUR'",
        "source_amount": "1050", "destination_amount": "963", "rate": "0.9178", "exact": "963.69",
        "actor": "'a'", "request_id": "'r'", "created_at": NOW, "expires_at": "'2030-01-02 00:00:00+00'",
    }  # fmt: skip
    row |= dict(each.split(" = ") for each in change.split(", ") if each)
    return f"INSERT INTO quote ({', '.join(row)}) VALUES ({', '.join(row.values())});"


CONVERSION = (
    "INSERT INTO transaction (id, type, actor, request_id, created_at, quote_id)"
    f" VALUES ('{NEW}', '{{type}}', 'a', 'r', {NOW}, {{quote}});"
)

PROGRESS = f"INSERT INTO webhook_progress VALUES ('{NEW}', 0);"


def entry(*, action: str = "hold.placed") -> str:
    return (
        "INSERT INTO audit_entry OVERRIDING SYSTEM VALUE"
        f" VALUES (1000000, '{NEW}', now(), 1, '{action}', 'hold', 'a', 'r', '1');"
    )


def event(*, number: int = 1, transaction: str = "NULL", entry: str = "NULL") -> str:
    return f"INSERT INTO event_number VALUES ({number}, {transaction}, {entry});"


def endpoint(*, status: str = "enabled", previous: str = "NULL") -> str:
    return (
        "INSERT INTO webhook_endpoint (id, version, created_at, updated_at, url, event_types, status,"
        f" secret, previous_secret) VALUES ('{NEW}', 1, now(), now(), 'u', ARRAY['*'], '{status}',"
        f" 's', {previous});"
    )


def delivery(*, id: str = f"'{NEW}'", status: str = "pending", finished: str = "NULL") -> str:
    return (
        "INSERT INTO webhook_delivery (id, endpoint_id, event_number, next_attempt_at, give_up_at,"
        " created_at, event_type, status, finished_at)"
        f" VALUES ({id}, '{NEW}', 1, now(), now(), now(), 't', '{status}', {finished});"
    )


def attempt(response_status: str, error: str) -> str:
    return f"INSERT INTO webhook_attempt VALUES ('{NEW}', now(), 1, 5, {response_status}, {error});"


REFUSED: list[tuple[str, str]] = [
    # Double entry.
    ("posting_add_up", movement(OUT)),
    ("posting_add_up", movement(OUT, INTO.replace("5,", "6,", 1))),
    ("posting_add_up", movement(OUT, "(1, {eur}, 5, 'EUR', NULL, NULL)")),
    ("posting_references", postings(OUT, INTO)),
    ("posting_references", transaction() + postings(OUT, INTO, at="now()")),
    ("posting_references", movement(OUT, f"(1, '{OTHER}', 5, 'USD', 5, 1)")),
    ("posting_references", movement(OUT, "(1, {euro}, 5, 'USD', 5, 1)")),
    ("posting_references", movement(OUT, "(1, {ada}, 5, 'USD', NULL, NULL)")),
    ("posting_references", movement("(0, {usd}, -5, 'USD', -5, 1)", INTO)),
    ("posting_references", postings("(2" + OUT[2:], "(3" + INTO[2:], of="{made}", at="{made_at}")),
    ("posting_wallet_id_wallet_version_key", movement(OUT, "(1, {ada}, 5, 'USD', 105, 1)")),
    ("posting_pkey", movement(OUT, OUT, INTO)),
    ("posting_amount_in_range", movement("(0, {usd}, 0, 'USD', NULL, NULL)")),
    ("posting_amount_in_range", movement(f"(0, {{usd}}, -{TOO_MUCH}, 'USD', NULL, NULL)")),
    ("posting_has_balance_and_version_or_neither", movement(OUT, "(1, {ada}, 5, 'USD', 5, NULL)")),
    # Transactions.
    ("transaction_pkey", transaction() * 2),
    (
        "transaction_reference_key",
        transaction(more="'r', NULL") + transaction(more="'r', NULL", id=OTHER),
    ),
    ("transaction_type_known", transaction(type="gift")),
    ("transaction_split_has_allocation", transaction(type="split")),
    # Reversals.
    ("transaction_reversal_names_its_original", transaction(type="reversal")),
    ("transaction_reversal_names_its_original", transaction(more="NULL, '{made}'")),
    ("transaction_reverses_an_original", reversal(of=OTHER) + postings(BACK, OUTSIDE)),
    ("transaction_reverses_an_original", reversal(of=NEW) + postings(BACK, OUTSIDE)),
    (
        "transaction_reverses_an_original",
        TAKEN_BACK + reversal(id=OTHER, of=NEW) + postings(OUT, AGAIN, of=OTHER),
    ),
    ("transaction_reversals_fit_original", reversal() + postings(*back(101))),
    ("transaction_reversals_fit_original", reversal() + postings(INTO, OUT)),
    ("transaction_reversals_fit_original", reversal() + postings(OUTSIDE, STRAY)),
    ("transaction_reversals_fit_original", SIXTY_TWICE),
    ("transaction_reversals_fit_original", SIXTY_TWICE.replace(OTHER, EARLIER)),
    # What is written stays.
    *(
        ("append_only", change)
        for table in ("transaction", "posting", "idempotency_key")
        for change in (
            f"UPDATE {table} SET created_at = {NOW}",
            f"UPDATE {table} SET created_at = {NOW} WHERE false",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
        )
    ),
    ("append_only", "DELETE FROM wallet WHERE id = {ada}"),
    ("append_only", "TRUNCATE wallet CASCADE"),
    ("append_only", "TRUNCATE account CASCADE"),
    ("append_only", "TRUNCATE currency CASCADE"),
    ("append_only", change_wallet("id = '" + OTHER + "'")),
    ("append_only", change_wallet("currency = 'EUR'")),
    ("append_only", change_wallet("account_id = account_id")),
    ("wallet_account_id_fkey", "DELETE FROM account"),
    ("wallet_currency_fkey", "DELETE FROM currency"),
    # Wallets.
    ("wallet_funds_suffice", change_wallet("balance = -1")),
    ("wallet_funds_suffice", change_wallet("held = 101")),
    ("wallet_keeps_to_its_max_balance", change_wallet("max_balance = balance - 1")),
    ("wallet_is_empty_when_closed", change_wallet("status = 'closed'")),
    (
        "wallet_is_empty_when_closed",
        change_wallet("status = 'closed', balance = 0, held = 1, overdraft_limit = 1"),
    ),
    ("wallet_balance_in_range", change_wallet(f"balance = {TOO_MUCH}")),
    ("wallet_held_in_range", change_wallet("held = -1")),
    ("wallet_overdraft_limit_in_range", change_wallet("overdraft_limit = -1")),
    ("wallet_max_balance_in_range", change_wallet(f"max_balance = {TOO_MUCH}")),
    ("wallet_status_known", change_wallet("status = 'gone'")),
    ("wallet_of_system_has_no_balance", change_wallet("balance = NULL")),
    ("wallet_of_system_has_no_balance", change_wallet("wallet_version = NULL")),
    ("wallet_of_system_has_no_balance", wallet("NULL")),
    ("wallet_pkey", account() + (wallet() + ";") * 2),
    ("wallet_account_id_fkey", wallet(f"'{OTHER}'")),
    ("wallet_account_id_currency_key", wallet("{account}")),
    ("wallet_currency_fkey", account() + wallet(currency="XXX")),
    # Holds.
    ("hold_pkey", hold() * 2),
    ("hold_wallet_id_fkey", hold(f"wallet_id = '{OTHER}'")),
    ("hold_destination_wallet_id_fkey", hold(f"destination_wallet_id = '{OTHER}'")),
    ("hold_destination_is_another_wallet", hold("destination_wallet_id = {ada}")),
    ("hold_currency_fkey", hold("currency = 'XXX'")),
    ("hold_amount_in_range", hold("amount = 0")),
    ("hold_amount_in_range", hold(f"amount = {TOO_MUCH}")),
    ("hold_captured_in_range", hold("captured = -1")),
    ("hold_captured_in_range", hold("captured = 6, status = 'captured'")),
    ("hold_status_known", hold("status = 'gone'")),
    ("hold_status_fits_captured", hold("captured = 5")),
    ("hold_status_fits_captured", hold("status = 'captured'")),
    ("hold_expired_has_instant", hold("status = 'expired'")),
    ("hold_expires_after_it_is_placed", hold(f"expires_at = {NOW}")),
    ("hold_reference_key", hold("reference = 'r'") + hold(f"id = '{OTHER}', reference = 'r'")),
    ("hold_only_goes_on", change_hold("status = 'pending', captured = 0", CAPTURED)),
    ("hold_only_goes_on", change_hold("status = 'expired'", "status = 'voided'")),
    ("hold_only_goes_on", change_hold("captured = 1", "captured = 2")),
    *(
        ("append_only", change_hold(f"{column} = {column}"))
        for column in ("id", "wallet_id", "destination_wallet_id", "amount", "currency")
    ),
    ("append_only", change_hold("expires_at = NULL")),
    ("append_only", "DELETE FROM hold"),
    ("append_only", "TRUNCATE hold"),
    ("transaction_capture_names_its_hold", CAPTURE.format(type="capture", hold="NULL")),
    (
        "transaction_capture_names_its_hold",
        hold() + CAPTURE.format(type="transfer", hold=f"'{NEW}'"),
    ),
    ("transaction_names_a_hold", CAPTURE.format(type="capture", hold=f"'{OTHER}'")),
    # Quotes.
    ("quote_pkey", quote() * 2),
    ("quote_source_currency_fkey", quote("source_currency = 'XXX'")),
    ("quote_destination_currency_fkey", quote("destination_currency = 'XXX'")),
    ("quote_source_amount_in_range", quote("source_amount = 0")),
    ("quote_source_amount_in_range", quote(f"source_amount = {TOO_MUCH}")),
    ("quote_destination_amount_in_range", quote("destination_amount = 0, exact = 0.9")),
    (
        "quote_destination_amount_in_range",
        quote(f"destination_amount = {TOO_MUCH}, exact = {TOO_MUCH}"),
    ),
    ("quote_rate_is_positive", quote("rate = 0")),
    ("quote_rounds_down", quote("destination_amount = 964")),
    ("quote_rounds_down", quote("destination_amount = 962")),
    ("quote_has_two_currencies", quote("destination_currency = 'USD'")),
    ("quote_expires_after_it_is_made", quote(f"expires_at = {NOW}")),
    *(
        ("append_only", change)
        for change in (
            "UPDATE quote SET rate = 1 WHERE false",
            "DELETE FROM quote",
            "TRUNCATE quote",
        )
    ),
    ("transaction_conversion_names_its_quote", CONVERSION.format(type="conversion", quote="NULL")),
    (
        "transaction_conversion_names_its_quote",
        quote() + CONVERSION.format(type="transfer", quote=f"'{NEW}'"),
    ),
    ("transaction_names_a_quote", CONVERSION.format(type="conversion", quote=f"'{OTHER}'")),
    (
        "transaction_quote_id_key",
        quote()
        + CONVERSION.format(type="conversion", quote=f"'{NEW}'")
        + CONVERSION.format(type="conversion", quote=f"'{NEW}'").replace(NEW, OTHER, 1),
    ),
    # The rest.
    ("account_pkey", account() * 2),
    ("account_name_length", account(name="''")),
    ("account_name_length", account(name="repeat('x', 201)")),
    ("account_status_known", account(status="gone")),
    ("account_reference_key", account(more="'ada'")),
    ("currency_pkey", "INSERT INTO currency VALUES ('USD', 2)"),
    ("currency_code_is_iso_4217", "INSERT INTO currency VALUES ('usd', 2)"),
    ("currency_exponent_in_range", "INSERT INTO currency VALUES ('GBP', 5)"),
    ("idempotency_key_pkey", KEY.format(key="'known'", values="NULL, '{{}}'")),
    ("idempotency_key_has_one_outcome", KEY.format(key="'k'", values="NULL, NULL")),
    ("idempotency_key_has_one_outcome", KEY.format(key="'k'", values=f"'{NEW}', '{{{{}}}}'")),
    # The log.
    ("transaction_number_is_positive", NUMBER.format(0, "{made}")),
    ("transaction_number_pkey", NUMBER.format(1, "{made}") + NUMBER.format(1, NEW)),
    (
        "transaction_number_transaction_id_key",
        NUMBER.format(1, "{made}") + NUMBER.format(2, "{made}"),
    ),
    ("sequencer_pkey", "INSERT INTO sequencer VALUES (1, '', ''), (1, '', '')"),
    ("sequencer_is_known", "INSERT INTO sequencer VALUES (3, '', '')"),
    ("seal_pkey", seal() * 2),
    ("seal_tree_size_key", seal() + seal(block=2)),
    ("seal_has_its_leaves", seal(block=0)),
    ("seal_has_its_leaves", seal(size=2)),
    ("seal_has_its_leaves", seal(size=0)),
    ("seal_hashes_are_sha_256", seal(hash="''")),
    ("seal_subtree_pkey", SUBTREE.format("sha256('a')") * 2),
    ("seal_subtree_hash_is_sha_256", SUBTREE.format("'a'")),
    ("verification_pkey", VERIFICATION * 2),
    ("append_only", seal() + "UPDATE seal SET root = hash"),
    ("append_only", seal() + "DELETE FROM seal"),
    ("append_only", "TRUNCATE seal_subtree"),
    ("append_only", "DELETE FROM transaction_number"),
    ("append_only", "UPDATE verification SET findings = 0"),
    # Events.
    ("audit_entry_pkey", entry() * 2),
    ("audit_entry_action_is_of_its_resource", entry(action="wallet.opened")),
    ("append_only", "UPDATE audit_entry SET actor = 'nobody'"),
    ("append_only", "DELETE FROM audit_entry"),
    ("append_only", "TRUNCATE audit_entry"),
    ("event_number_pkey", event(entry="1") + event(entry="2")),
    ("event_number_is_positive", event(number=0, entry="1")),
    ("event_number_is_of_one_thing", event()),
    ("event_number_is_of_one_thing", event(transaction=f"'{NEW}'", entry="1")),
    (
        "event_number_transaction_id_key",
        event(transaction=f"'{NEW}'") + event(number=2, transaction=f"'{NEW}'"),
    ),
    ("event_number_audit_entry_id_key", event(entry="1") + event(number=2, entry="1")),
    ("append_only", "DELETE FROM event_number"),
    ("append_only", "UPDATE event_number SET number = 7"),
    # Webhooks.
    ("webhook_endpoint_pkey", endpoint() * 2),
    ("webhook_endpoint_status_known", endpoint(status="gone")),
    ("webhook_endpoint_previous_secret_ends", endpoint(previous="'s'")),
    ("webhook_progress_pkey", PROGRESS * 2),
    ("webhook_delivery_pkey", endpoint() + delivery() * 2),
    (
        "webhook_delivery_endpoint_id_event_number_key",
        endpoint() + delivery() + delivery(id="gen_random_uuid()"),
    ),
    ("webhook_delivery_endpoint_id_fkey", delivery() + "SET CONSTRAINTS ALL IMMEDIATE"),
    ("webhook_delivery_status_known", endpoint() + delivery(status="lost", finished=NOW)),
    ("webhook_delivery_finishes", endpoint() + delivery(status="dead")),
    ("webhook_delivery_finishes", endpoint() + delivery(finished=NOW)),
    ("webhook_attempt_pkey", endpoint() + delivery() + attempt("204", "NULL") * 2),
    ("webhook_attempt_delivery_id_fkey", attempt("204", "NULL")),
    ("webhook_attempt_has_one_outcome", endpoint() + delivery() + attempt("NULL", "NULL")),
    ("webhook_attempt_has_one_outcome", endpoint() + delivery() + attempt("204", "'x'")),
]


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """A migrated database with Ada, who has 100 USD, and a wallet in EUR."""

    url: str
    names: dict[str, str]

    def attempt(self, statements: str) -> None:
        """Run this and take it back."""
        with a_stranger(self.url) as session:
            session.cursor().execute(statements.format(**self.names))
            session.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")  # as a COMMIT would


@pytest.fixture(scope="module", params=["postgres18", "postgres15"])
def ledger(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Ledger]:
    url = servers.new_database(request.param)
    stage = a_stage(request.param, url)
    ada = open_account(reference="ada")
    stage.execute(ada)
    command = replenish(ada.wallet_id, 100)
    stage.execute(command)
    names = {
        "ada": ada.wallet_id,
        "account": ada.id,
        "bob": stage.a_wallet(),
        "euro": stage.a_wallet(currency="EUR"),
        "usd": external_wallet_id("USD"),
        "eur": external_wallet_id("EUR"),
    }
    with a_stranger(url) as session:
        session.cursor().execute(KEY.format(key="'known'", values="NULL, '{}'"))
        session.commit()
    quoted = {name: f"'{id}'::uuid" for name, id in names.items()}
    made = {"made": str(command.id), "made_at": f"'{stage.clock.now}'::timestamptz"}
    yield Ledger(url=url, names=quoted | made)
    assert stage.findings() == ()
    strike(stage)


def test_what_is_right_is_accepted(ledger: Ledger) -> None:
    ledger.attempt(movement(OUT, INTO))
    ledger.attempt(account() + wallet())
    ledger.attempt(change_wallet("balance = 7, held = 7, max_balance = 7, status = 'frozen'"))
    ledger.attempt(KEY.format(key="'k'", values="NULL, '{{}}'"))
    ledger.attempt(change_hold(CAPTURED))
    ledger.attempt(hold() + CAPTURE.format(type="capture", hold=f"'{NEW}'"))
    ledger.attempt(quote() + CONVERSION.format(type="conversion", quote=f"'{NEW}'"))
    ledger.attempt(reversal() + postings(*back(100)))
    ledger.attempt(SIXTY_TWICE.replace("60", "50"))


@pytest.mark.parametrize(("constraint", "statements"), REFUSED)
def test_what_is_wrong_is_refused_by_name(ledger: Ledger, constraint: str, statements: str) -> None:
    with pytest.raises(psycopg2.Error) as refused:
        ledger.attempt(statements)
    assert refused.value.diag.constraint_name == constraint


# The defences of these tables have files of their own.
ELSEWHERE = ("api_key", "audit_entry", "event_number", "webhook_", "service_secret")


def test_every_constraint_has_an_attempt_that_it_refuses() -> None:
    names = {
        constraint.name
        for table in metadata.tables.values()
        if not table.name.startswith(ELSEWHERE)
        for constraint in (*table.constraints, *(index for index in table.indexes if index.unique))
    }
    assert None not in names
    assert names - {name for name, _ in REFUSED} == set()
