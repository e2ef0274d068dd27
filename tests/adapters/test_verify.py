"""`payments verify` finds every kind of damage that is done behind the service's back, and names it."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from adapters.postgres.auditor import RULES
from adapters.postgres.event_rules import EVENT_RULES
from adapters.postgres.hold_rules import HOLD_RULES
from adapters.postgres.quote_rules import QUOTE_RULES
from adapters.postgres.reversal_rules import REVERSAL_RULES
from domain.integrity import Report
from domain.wallet import external_wallet_id
from service_layer.audit import OperatorError
from tests.adapters.test_contract_audit import auditor_of, repairer_of
from tests.builders import open_account, replenish, transfer
from tests.concurrency.rig import a_stranger, as_superuser
from tests.stage import Stage

AMOUNT = "UPDATE posting SET amount = {} WHERE transaction_id = {{{}}} AND leg = {}"
POSTING = "UPDATE posting SET {} WHERE transaction_id = {{{}}} AND leg = {}"
DELETE = "DELETE FROM posting WHERE transaction_id = {{{}}} AND leg IN ({})"
WRONG_ROWS = (
    "UPDATE wallet SET balance = 1, wallet_version = 7, last_posted_at = NULL"
    " WHERE account_id IS NOT NULL"
)
SYSTEM_WALLET = (
    "INSERT INTO wallet (id, currency, created_at, updated_at)"
    " VALUES ({stray}, 'USD', now(), now())"
)
NO_CHECK = "ALTER TABLE wallet DROP CONSTRAINT wallet_{}"
LARGEST_BIGINT = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Ada got 100 (`t1`), and paid 30 (`t2`) and 20 (`t3`) to Bob; a minute between them."""

    stage: Stage
    names: dict[str, str]

    def damage(self, statements: str) -> None:
        """As a superuser, with the triggers and foreign keys switched off."""
        quoted = {name: f"'{id}'" for name, id in self.names.items()}
        with a_stranger(as_superuser(self.stage.url or "")) as session:
            session.cursor().execute(
                "SET session_replication_role = replica;" + statements.format(**quoted)
            )
            session.commit()

    def verify(self) -> Report:
        return auditor_of(self.stage).verify()


@pytest.fixture
def ledger(postgres_stage: Stage) -> Ledger:
    ada, bob = open_account(name="Ada"), open_account(name="Bob")
    postgres_stage.run(ada, bob)
    commands = [
        replenish(ada.wallet_id, 100),
        transfer(ada.wallet_id, bob.wallet_id, 30),
        transfer(ada.wallet_id, bob.wallet_id, 20),
    ]
    for command in commands:
        postgres_stage.clock.move(minutes=1)
        postgres_stage.execute(command)
    ids = {
        "ada": ada.wallet_id,
        "bob": bob.wallet_id,
        "bobs_account": bob.id,
        "usd": external_wallet_id("USD"),
        **{f"t{number}": command.id for number, command in enumerate(commands, start=1)},
        "stray": "00000000-0000-7000-8000-000000000001",
    }
    return Ledger(stage=postgres_stage, names={name: str(id) for name, id in ids.items()})


# What is done, which rules find it (and how often), and one sentence that must be among the findings.
DAMAGES: list[tuple[str, dict[str, int], str]] = [
    (
        AMOUNT.format(-31, "t2", 0),
        {"unbalanced": 1, "balance-chain": 1, "wallet-row": 1},
        "The postings of transaction {t2} sum to -1 USD, not to 0.",
    ),
    (
        AMOUNT.format(-90, "t1", 0),
        {"unbalanced": 1},
        "The postings of transaction {t1} sum to 10 USD, not to 0.",
    ),
    (
        DELETE.format("t2", 0),
        {"unbalanced": 1, "legs": 1, "version-gap": 1, "balance-chain": 1, "wallet-row": 1},
        "In wallet {ada} version 3 follows version 1.",
    ),
    (
        DELETE.format("t3", 0),
        {"unbalanced": 1, "legs": 1, "wallet-row": 1},
        "The transaction {t3} has a gap in its legs.",
    ),
    (
        DELETE.format("t1", 1),
        {"unbalanced": 1, "legs": 1, "version-gap": 1, "balance-chain": 1, "wallet-row": 1},
        "In wallet {ada} version 2 follows version 0.",
    ),
    (
        DELETE.format("t3", "0, 1"),
        {"no-postings": 1, "wallet-row": 2},
        "The transaction {t3} has no postings.",
    ),
    (
        POSTING.format("leg = 5", "t2", 1),
        {"legs": 1},
        "The transaction {t2} has a gap in its legs.",
    ),
    (
        POSTING.format("wallet_version = 4", "t3", 0),
        {"version-gap": 1},
        "In wallet {ada} version 4 follows version 2.",
    ),
    (
        POSTING.format("balance_after = 51", "t3", 0),
        {"balance-chain": 1},
        "At wallet {ada}, version 3 the balance is 51; 70 with a posting of -20 makes 50.",
    ),
    (
        POSTING.format("balance_after = 71", "t2", 0),
        {"balance-chain": 2},
        "At wallet {ada}, version 2 the balance is 71; 100 with a posting of -30 makes 70.",
    ),
    (
        POSTING.format(f"balance_after = {LARGEST_BIGINT}", "t1", 1),
        {"balance-chain": 2},
        (
            "At wallet {ada}, version 1 the balance is 9223372036854775807;"
            " 0 with a posting of 100 makes 100."
        ),
    ),
    (
        POSTING.format(f"balance_after = {-LARGEST_BIGINT}", "t2", 0),
        {"balance-chain": 2},
        (
            "At wallet {ada}, version 3 the balance is 50;"
            " -9223372036854775807 with a posting of -20 makes -9223372036854775827."
        ),
    ),
    (
        (
            "UPDATE transaction SET created_at = '2026-01-01 00:03+00' WHERE id = {t1};"
            "UPDATE posting SET created_at = '2026-01-01 00:03+00' WHERE transaction_id = {t1}"
        ),
        {"time-backwards": 1},
        (
            "At wallet {ada}, version 2 time runs backwards,"
            " from 2026-01-01 00:03:00+00 to 2026-01-01 00:02:00+00."
        ),
    ),
    (
        POSTING.format("created_at = created_at + interval '1 second'", "t2", 1),
        {"orphan": 1},
        "Posting 1 of transaction {t2}: its time is another one.",
    ),
    (
        "UPDATE transaction SET created_at = created_at + interval '1 second' WHERE id = {t2}",
        {"orphan": 2},
        "Posting 0 of transaction {t2}: its time is another one.",
    ),
    (
        "UPDATE wallet SET balance = 5 WHERE id = {bob}",
        {"wallet-row": 1},
        (
            "The row of wallet {bob} says version 2, balance 5 and last posting at"
            " 2026-01-01 00:03:00+00; its postings say version 2, balance 50 and last posting at"
            " 2026-01-01 00:03:00+00."
        ),
    ),
    (
        "UPDATE wallet SET wallet_version = 3 WHERE id = {bob}",
        {"wallet-row": 1},
        (
            "The row of wallet {bob} says version 3, balance 50 and last posting at"
            " 2026-01-01 00:03:00+00; its postings say version 2, balance 50 and last posting at"
            " 2026-01-01 00:03:00+00."
        ),
    ),
    (
        "UPDATE wallet SET last_posted_at = NULL WHERE id = {bob}",
        {"wallet-row": 1},
        (
            "The row of wallet {bob} says version 2, balance 50 and last posting at never;"
            " its postings say version 2, balance 50 and last posting at 2026-01-01 00:03:00+00."
        ),
    ),
    (
        "UPDATE wallet SET currency = 'EUR' WHERE id = {bob}",
        {"orphan": 2},
        "Posting 1 of transaction {t2}: wallet {bob} holds EUR, not USD.",
    ),
    (
        "UPDATE posting SET currency = 'EUR' WHERE transaction_id = {t2}",
        {"orphan": 2},
        "Posting 0 of transaction {t2}: wallet {ada} holds USD, not EUR.",
    ),
    (
        "DELETE FROM transaction WHERE id = {t3}",
        {"orphan": 2, "orphan-key": 1},
        "Posting 0 of transaction {t3}: there is no such transaction.",
    ),
    (
        "DELETE FROM wallet WHERE id = {bob}",
        {"orphan": 2, "account-without-wallet": 1},
        "Posting 1 of transaction {t3}: there is no wallet {bob}.",
    ),
    (
        "DELETE FROM wallet WHERE id = {usd}",
        {"orphan": 1},
        "Posting 0 of transaction {t1}: there is no wallet {usd}.",
    ),
    (
        POSTING.format("balance_after = NULL, wallet_version = NULL", "t3", 1),
        {"orphan": 1, "wallet-row": 1},
        "Posting 1 of transaction {t3}: wallet {bob} is a customer's, the posting says otherwise.",
    ),
    (
        POSTING.format("balance_after = -100, wallet_version = 1", "t1", 0),
        {"orphan": 1},
        "Posting 0 of transaction {t1}: wallet {usd} is of the system, the posting says otherwise.",
    ),
    (
        f"{SYSTEM_WALLET}; UPDATE posting SET wallet_id = {{stray}} WHERE wallet_id = {{usd}}",
        {"system-wallet": 1},
        "The wallet {stray} has no account, and is no system wallet of USD.",
    ),
    (
        SYSTEM_WALLET,
        {"system-wallet": 1},
        "The wallet {stray} has no account, and is no system wallet of USD.",
    ),
    (
        "UPDATE wallet SET currency = 'EUR' WHERE id = {usd}",
        {"system-wallet": 1, "orphan": 1},
        "The wallet {usd} has no account, and is no system wallet of EUR.",
    ),
    (
        "UPDATE wallet SET held = 50 WHERE id = {bob}",
        {"held": 1},
        "The row of wallet {bob} says that 50 is held; its pending holds say 0.",
    ),
    (
        f"{NO_CHECK.format('funds_suffice')}; UPDATE wallet SET held = 51 WHERE id = {{bob}}",
        {"held": 1, "overdrawn": 1},
        "The wallet {bob} has -1 available and an overdraft limit of 0.",
    ),
    (
        (
            f"{NO_CHECK.format('funds_suffice')}; {NO_CHECK.format('balance_in_range')};"
            f"UPDATE wallet SET balance = {-LARGEST_BIGINT}, held = 50 WHERE id = {{bob}}"
        ),
        {"held": 1, "overdrawn": 1, "wallet-row": 1},
        "The wallet {bob} has -9223372036854775857 available and an overdraft limit of 0.",
    ),
    (
        NO_CHECK.format("keeps_to_its_max_balance") + ";"
        "UPDATE wallet SET max_balance = 49 WHERE id = {bob}",
        {"overfull": 1},
        "The wallet {bob} has a balance of 50; it may hold 49 at most.",
    ),
    (
        "UPDATE wallet SET status = 'frozen' WHERE id = {bob}",
        {"status": 1},
        "The wallet {bob} is frozen, its account is active.",
    ),
    (
        "UPDATE account SET status = 'closed' WHERE id = {bobs_account}",
        {"status": 1},
        "The wallet {bob} is active, its account is closed.",
    ),
    (
        "DELETE FROM account WHERE id = {bobs_account}",
        {"orphan-wallet": 1},
        "The wallet {bob} belongs to no account.",
    ),
    (
        (
            "INSERT INTO account (id, name, status, created_at, updated_at)"
            " VALUES ({stray}, 'Eve', 'active', now(), now())"
        ),
        {"account-without-wallet": 1},
        "The account {stray} has no wallet.",
    ),
    (
        "DELETE FROM idempotency_key WHERE transaction_id = {t2}",
        {"no-key": 1},
        "The transaction {t2} has no idempotency key: if sent again, it is made again.",
    ),
    (
        "DELETE FROM idempotency_key",
        {"no-key": 3},
        "The transaction {t3} has no idempotency key: if sent again, it is made again.",
    ),
    (
        (
            "INSERT INTO idempotency_key (scope, key, fingerprint, transaction_id, created_at)"
            " VALUES ('shop', 'k', '', {stray}, now())"
        ),
        {"orphan-key": 1},
        "The idempotency key k of shop stands for transaction {stray}, which does not exist.",
    ),
    (
        (
            "ALTER TABLE transaction DROP CONSTRAINT transaction_split_has_allocation;"
            "UPDATE transaction SET type = 'split' WHERE id = {t2}"
        ),
        {"allocation": 1},
        "The transaction {t2} is a split and has 0 allocated parts.",
    ),
    (
        "INSERT INTO transaction_number VALUES (1, {t1}), (3, {t2})",
        {"number-gap": 1},
        "Number 3 follows number 1.",
    ),
    (
        "INSERT INTO transaction_number VALUES (1, {stray})",
        {"number-orphan": 1},
        "Number 1 is of transaction {stray}, which does not exist.",
    ),
    (
        (
            "INSERT INTO sequencer (server, snapshot) VALUES ('here', '900000000000:900000000000:');"
            "INSERT INTO transaction_number VALUES (1, {t1}), (2, {t3})"
        ),
        {"unnumbered": 1},
        "The transaction {t2} has no number, though the sequencer has passed it.",
    ),
]


@pytest.mark.damages_the_books
@pytest.mark.parametrize(("damage", "rules", "sentence"), DAMAGES)
def test_damage_is_found_and_said_in_plain_words(
    ledger: Ledger, damage: str, rules: dict[str, int], sentence: str
) -> None:
    ledger.damage(damage)
    findings = ledger.verify().findings
    found = [finding.rule for finding in findings]
    assert {rule: found.count(rule) for rule in found} == rules
    assert sentence.format(**ledger.names) in [finding.sentence for finding in findings]
    assert all(finding.where.split(" ", 1)[1].strip() for finding in findings)


def test_every_rule_of_the_audit_has_a_damage_that_it_finds() -> None:
    found = {rule for _, rules, _ in DAMAGES for rule in rules}
    elsewhere = {
        *HOLD_RULES,
        *REVERSAL_RULES,
        *QUOTE_RULES,
        *EVENT_RULES,
    }  # these have files of their own
    assert found | elsewhere == set(RULES)


@pytest.mark.damages_the_books
def test_wallet_rows_are_repaired_but_never_from_broken_postings(ledger: Ledger) -> None:
    ledger.damage(WRONG_ROWS)
    assert repairer_of(ledger.stage).rebuild_balances() == 2
    assert ledger.verify().findings == ()
    ledger.damage(WRONG_ROWS + ";" + AMOUNT.format(-31, "t2", 0))
    with pytest.raises(OperatorError, match=r"do not add up, nothing was changed"):
        repairer_of(ledger.stage).rebuild_balances()
    assert ledger.stage.balance(UUID(ledger.names["bob"])) == 1


@pytest.mark.damages_the_books
def test_wallet_rows_are_repaired_whatever_else_is_wrong_in_them(ledger: Ledger) -> None:
    ledger.damage(
        NO_CHECK.format("keeps_to_its_max_balance") + ";"
        "UPDATE wallet SET balance = 60, max_balance = 55, held = 1, status = 'frozen'"
        " WHERE id = {bob}"
    )
    found = [each.rule for each in ledger.verify().findings]
    assert sorted(found) == ["held", "overfull", "status", "wallet-row"]
    assert repairer_of(ledger.stage).rebuild_balances() == 1
    assert [each.rule for each in ledger.verify().findings] == ["status"]


@pytest.mark.damages_the_books
def test_what_the_database_refuses_is_said_in_one_line(ledger: Ledger) -> None:
    ledger.damage("DROP TABLE idempotency_key")
    with pytest.raises(OperatorError) as refused:
        ledger.verify()
    assert str(refused.value) == 'The database says: relation "idempotency_key" does not exist'
