"""A ledger that was exported comes back the same: every value, every key, every number, every seal."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from io import BytesIO
from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.postgres.archive_contents import (
    AFTER,
    COLUMNS_LEFT_OUT,
    LEFT_OUT,
    ROWS_KEPT,
    all_tables,
    exported_columns,
    exported_tables,
)
from adapters.postgres.archive_load import FINDINGS_SHOWN_MAX
from domain.errors import Refusal
from service_layer.archive_file import ArchiveReader, ArchiveRefused
from service_layer.audit import OperatorError
from tests.adapters.test_contract_text import TEXTS
from tests.builders import a_caller, open_account, place_hold, replenish, transfer
from tests.concurrency.rig import a_rival, sql, until_somebody_waits_for_a_lock
from tests.history import a_history
from tests.servers import Servers
from tests.stage import Stage, a_stage, strike

Import = Callable[..., Stage]


@pytest.fixture
def imported(servers: Servers) -> Iterator[Import]:
    """Imports a file into an empty ledger on a server; gives its stage."""
    with ExitStack() as stack:

        def load(data: bytes, server: str = "postgres18", **more: Any) -> Stage:
            stage = a_stage(server, servers.new_ledger(server), migrated=True, **more)
            stack.callback(strike, stage)
            stage.container.archive().load(BytesIO(data))
            return stage

        yield load


def exported(stage: Stage) -> bytes:
    file = BytesIO()
    stage.container.archive().save(file)
    return file.getvalue()


def rows_of(data: bytes) -> list[bytes]:
    """All lines but the first, which has the time, and the last, which has the hash."""
    return data.splitlines()[1:-1]


def counts_of(data: bytes) -> dict[str, int]:
    reader = ArchiveReader(BytesIO(data))
    assert sum(1 for _ in reader.rows()) > 0
    return reader.counts


def numbers(stage: Stage) -> list[Any]:
    assert stage.url is not None
    query = (
        "SELECT number, transaction_id::text FROM transaction_number"
        " JOIN transaction ON id = transaction_id ORDER BY number"
    )
    return sql(stage.url, query)


def test_every_table_is_exported_or_left_out_with_a_reason() -> None:
    exported_names = {table.name for table in exported_tables()}
    assert exported_names | set(LEFT_OUT) == set(all_tables())
    assert exported_names & set(LEFT_OUT) == set()
    assert all(LEFT_OUT.values())


def test_every_table_of_the_database_is_known_to_the_export(postgres_stage: Stage) -> None:
    assert postgres_stage.url is not None
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    found = {row[0] for row in sql(postgres_stage.url, query)} - {"alembic_version"}
    assert found == set(all_tables())


def test_every_column_is_exported_or_left_out_with_a_reason() -> None:
    left_out = {
        f"{table.name}.{column.name}"
        for table in exported_tables()
        for column in set(table.columns) - set(exported_columns(table))
    }
    assert left_out == set(COLUMNS_LEFT_OUT)
    assert set(ROWS_KEPT) | set(AFTER) <= set(all_tables())


def test_what_a_table_names_comes_before_it() -> None:
    order = [table.name for table in exported_tables()]
    for table in exported_tables():
        named = {key.column.table.name for key in table.foreign_keys} - {table.name}
        for name in named | set(AFTER.get(table.name, ())):
            assert order.index(name) < order.index(table.name)
    assert order[-2:] == ["transaction", "posting"]


@pytest.mark.parametrize("server", ["postgres18", "postgres15"])
def test_a_ledger_in_which_everything_happened_comes_back_the_same(
    postgres_stage: Stage, imported: Import, server: str
) -> None:
    a_history(postgres_stage, seed=7, steps=300)
    data = exported(postgres_stage)
    assert min(count for name, count in counts_of(data).items() if name not in NOT_IN_HISTORY) > 0
    copy = imported(data, server)
    assert rows_of(exported(copy)) == rows_of(data)
    assert copy.findings() == ()


NOT_IN_HISTORY = {"verification", "seal_subtree"}


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10**6))
def test_any_history_comes_back_the_same(servers: Servers, imported: Import, seed: int) -> None:
    stage = a_stage("postgres18", servers.new_ledger("postgres18"), migrated=True)
    try:
        a_history(stage, seed, steps=60)
        data = exported(stage)
        assert rows_of(exported(imported(data))) == rows_of(data)
    finally:
        strike(stage)


def test_every_text_comes_back_the_same(postgres_stage: Stage, imported: Import) -> None:
    wallet = postgres_stage.a_wallet(1)
    for number, text in enumerate(TEXTS):
        command = replenish(wallet, caller=a_caller(f"{number}-{text}"), reference=text or None)
        object.__setattr__(command, "metadata", {text: text})
        postgres_stage.execute(command)
        postgres_stage.execute(open_account(name=text or "-", reference=f"a{text}"))
    data = exported(postgres_stage)
    assert rows_of(exported(imported(data))) == rows_of(data)


def test_an_outcome_comes_back_to_the_byte(postgres_stage: Stage, imported: Import) -> None:
    """`json` keeps spaces, order and doubles; null is not NULL."""
    url = postgres_stage.url or ""
    kept = ['{"b":1, "a" : [1.0,1.00,1e2],"b":2}', "null", '"\\u00e9\\n"\n\t', " [ ]  "]
    for number, text in enumerate(kept):
        statement = (
            "INSERT INTO idempotency_key (scope, key, fingerprint, outcome, created_at)"
            " VALUES ('s', %s, '\\x00ff5c', %s, '2026-01-01 00:00:00.000001+00')"
        )
        sql(url, statement, str(number), text)
    copy = imported(exported(postgres_stage))
    query = "SELECT outcome::text, fingerprint, created_at FROM idempotency_key ORDER BY key"
    assert copy.url is not None
    rows = [(row[0], bytes(row[1]), row[2]) for row in sql(copy.url, query)]  # type: ignore[call-overload]
    assert [row[0] for row in rows] == kept
    original = [(row[0], bytes(row[1]), row[2]) for row in sql(url, query)]  # type: ignore[call-overload]
    assert rows == original


def test_the_settings_of_a_server_do_not_change_the_export(postgres_stage: Stage) -> None:
    a_history(postgres_stage, seed=3)
    before = rows_of(exported(postgres_stage))
    url = postgres_stage.url or ""
    name = sa.make_url(url).database
    for setting in (
        "timezone = 'Asia/Kathmandu'",
        "datestyle = 'SQL, DMY'",
        "bytea_output = 'escape'",
        "default_transaction_isolation = 'serializable'",
        "statement_timeout = '1ms'",
    ):
        sql(url, f"ALTER DATABASE {name} SET {setting}")
    assert rows_of(exported(postgres_stage)) == before
    sql(url, f"ALTER DATABASE {name} RESET ALL")


def test_new_transactions_are_numbered_right_after_the_imported_ones(
    postgres_stage: Stage, imported: Import
) -> None:
    """Those of which the export knew no number as well; the sealed chain goes on and adds up."""
    a_history(postgres_stage, seed=5)
    wallet = postgres_stage.a_wallet(10)
    list(postgres_stage.container.sealer().seal_all())
    for _ in range(3):
        postgres_stage.execute(replenish(wallet, 1))
    before = numbers(postgres_stage)
    copy = imported(exported(postgres_stage))
    copy.clock.now = postgres_stage.clock.now
    assert numbers(copy) == before
    new = replenish(wallet, 1)
    copy.execute(new)
    list(copy.container.sealer().seal_all())
    after = numbers(copy)
    assert after[: len(before)] == before
    assert [row[0] for row in after] == list(range(1, len(before) + 5))
    assert after[-1][1] == str(new.id)
    report = copy.container.auditor().verify()
    assert (report.findings, report.sealed) == ((), len(after))


@pytest.mark.parametrize("seals_before", [False, True])
def test_a_database_that_was_served_before_the_import_numbers_on_as_well(
    postgres_stage: Stage, servers: Servers, seals_before: bool
) -> None:
    wallet = postgres_stage.a_wallet(10)
    url = servers.new_ledger("postgres18")
    copy = a_stage("postgres18", url, migrated=True)
    if seals_before:
        list(copy.container.sealer().seal_all())
    copy.container.archive().load(BytesIO(exported(postgres_stage)))
    copy.clock.now = postgres_stage.clock.now
    copy.execute(replenish(wallet, 1))
    list(copy.container.sealer().seal_all())
    assert [row[0] for row in numbers(copy)] == [1, 2]
    assert copy.findings() == ()
    strike(copy)


def test_proofs_against_roots_that_were_published_before_still_hold(
    postgres_stage: Stage, imported: Import
) -> None:
    a_history(postgres_stage, seed=11)
    list(postgres_stage.container.sealer().seal_all())
    copy = imported(exported(postgres_stage))
    copy.execute(replenish(copy.a_wallet(), 5))
    list(copy.container.sealer().seal_all())
    last = postgres_stage.container.seals().seals(before=None, limit=1)[0]
    clients = [each.container.app().test_client() for each in (postgres_stage, copy)]
    for _, transaction_id in numbers(postgres_stage):
        path = f"/v1/transactions/{transaction_id}/proof?block={last.block}"
        proofs = [client.get(path).get_json() for client in clients]
        assert proofs[0]["root"] == last.root.hex()
        assert proofs[0] == proofs[1]


def test_rows_that_number_themselves_go_on_after_the_imported_ones(
    postgres_stage: Stage, imported: Import
) -> None:
    insert = (
        "INSERT INTO verification (started_at, duration_ms, quick, transactions, postings, wallets,"
        " sealed, findings) VALUES (now(), 1, true, 0, 0, 0, 0, 0) RETURNING id"
    )
    assert [sql(postgres_stage.url or "", insert)[0][0] for _ in range(3)] == [1, 2, 3]
    copy = imported(exported(postgres_stage))
    assert sql(copy.url or "", "SELECT id FROM verification ORDER BY id") == [(1,), (2,), (3,)]
    assert sql(copy.url or "", insert) == [(4,)]


def test_a_hold_that_was_pending_can_be_captured_or_expires_after_the_import(
    postgres_stage: Stage, imported: Import
) -> None:
    wallet = postgres_stage.a_wallet(100)
    hold = place_hold(wallet, 60)
    postgres_stage.execute(hold)
    copy = imported(exported(postgres_stage))
    copy.clock.now = postgres_stage.clock.now
    assert copy.container.queries().wallet(wallet).available == 40
    refused = copy.execute(transfer(wallet, copy.a_wallet(), 41))
    assert isinstance(refused.refused, Refusal)
    assert copy.execute(transfer(wallet, copy.a_wallet(), 40)).refused is None
    assert copy.findings() == ()


def test_the_export_is_of_one_moment_while_payments_go_on(
    postgres_stage: Stage, imported: Import
) -> None:
    wallets = [postgres_stage.a_wallet(10_000) for _ in range(4)]
    enough = Event()

    def pay() -> None:
        with a_rival(postgres_stage) as rival:
            while not enough.is_set():
                rival.execute(transfer(wallets[0], wallets[1], 1))
                rival.execute(transfer(wallets[1], wallets[2], 1))
                rival.execute(place_hold(wallets[3], 1))

    payers = [Thread(target=pay) for _ in range(2)]
    for payer in payers:
        payer.start()
    exports = []
    try:
        for _ in range(4):
            exports.append(exported(postgres_stage))
            list(postgres_stage.container.sealer().seal_all())
    finally:
        enough.set()
        for payer in payers:
            payer.join()
    totals = [counts_of(data)["transaction"] for data in exports]
    assert totals == sorted(totals)
    assert len(set(totals)) > 1
    for data in exports:
        assert rows_of(exported(imported(data))) == rows_of(data)


def test_currencies_come_with_their_external_wallets_those_that_were_here_stay(
    servers: Servers,
) -> None:
    source, target = (
        a_stage("postgres18", servers.new_database("postgres18"), currencies=codes)
        for codes in ("USD,BHD", "USD,EUR")
    )
    wallet = source.a_wallet(10, currency="BHD")
    data = exported(source)
    target.container.archive().load(BytesIO(data))
    known = (
        "SELECT c.code, count(w.*) > 0 FROM currency c LEFT JOIN wallet w ON w.currency = c.code"
    )
    assert set(sql(target.url or "", f"{known} AND w.account_id IS NULL GROUP BY 1")) == {
        ("BHD", True),
        ("EUR", True),
        ("USD", True),
    }
    served = a_stage("postgres18", target.url, currencies="USD,EUR,BHD", migrated=True)
    assert served.execute(replenish(wallet, 1, currency="BHD")).refused is None
    assert served.findings() == ()
    for stage in (source, target, served):
        strike(stage)


def test_it_is_shown_how_far_it_is(postgres_stage: Stage, servers: Servers) -> None:
    postgres_stage.a_wallet(100)
    file, seen = BytesIO(), []
    postgres_stage.container.archive().save(file, lambda *step: seen.append(step))
    assert {("account", 1, 1), ("posting", 2, 2)} <= {(what, done, of) for done, of, what in seen}
    seen.clear()
    copy = a_stage("postgres18", servers.new_ledger("postgres18"), migrated=True)
    copy.container.archive().load(file, lambda *step: seen.append(step))
    assert {("account", 1, 1), ("posting", 2, 2)} <= {(what, done, of) for done, of, what in seen}
    assert "rules" in {what for _, _, what in seen}
    strike(copy)


def test_what_is_paid_during_an_import_waits_for_its_end(
    postgres_stage: Stage, servers: Servers
) -> None:
    """A server may run already: it cannot write between the look for emptiness and the COMMIT."""
    postgres_stage.a_wallet(100)
    file = BytesIO()
    postgres_stage.container.archive().save(file)
    copy = a_stage("postgres18", servers.new_ledger("postgres18"), migrated=True)
    opening = open_account()
    payers: list[Thread] = []

    def somebody_comes(done: int, of: int, what: str) -> None:
        if what == "rules" and not payers:
            payers.append(Thread(target=copy.execute, args=(opening,)))
            payers[0].start()
            until_somebody_waits_for_a_lock(copy.url or "")

    copy.container.archive().load(file, somebody_comes)
    payers[0].join()
    assert copy.container.queries().account(opening.id).id == opening.id
    assert copy.findings() == ()
    strike(copy)


@pytest.mark.damages_the_books
def test_books_that_do_not_add_up_are_refused_and_leave_nothing(
    postgres_stage: Stage, servers: Servers
) -> None:
    """The hash is right: the export itself was of damaged books."""
    for _ in range(FINDINGS_SHOWN_MAX + 2):
        postgres_stage.a_wallet(100)
    sql(postgres_stage.url or "", "UPDATE wallet SET balance = 7 WHERE account_id IS NOT NULL")
    data = exported(postgres_stage)
    copy = a_stage("postgres18", servers.new_ledger("postgres18"), migrated=True)
    empty = exported(copy)
    with pytest.raises(OperatorError, match="do not add up, nothing was imported:") as refused:
        copy.container.archive().load(BytesIO(data))
    first, *findings, last = str(refused.value).splitlines()
    assert first.endswith("nothing was imported:")
    assert all("The row of wallet" in each for each in findings)
    assert (len(findings), last) == (FINDINGS_SHOWN_MAX, "  and 2 more.")
    assert rows_of(exported(copy)) == rows_of(empty)
    strike(copy)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE posting SET amount = amount + 1 WHERE amount > 0", "must sum to zero"),
        ("UPDATE posting SET wallet_id = gen_random_uuid() WHERE leg = 0", "a posting needs its"),
        ("DELETE FROM account", "violates foreign key"),
        ("UPDATE wallet SET held = 200 WHERE account_id IS NOT NULL", "wallet_funds_suffice"),
    ],
)
@pytest.mark.damages_the_books
def test_what_the_database_itself_refuses_leaves_nothing(
    postgres_stage: Stage, servers: Servers, damage: str, said: str
) -> None:
    """Constraints and triggers of the importing database stay on."""
    postgres_stage.a_wallet(100)
    url = sa.make_url(postgres_stage.url or "").set(username="postgres")
    damaging = url.render_as_string(hide_password=False)
    drop = "ALTER TABLE wallet DROP CONSTRAINT wallet_funds_suffice"
    sql(damaging, f"{drop}; SET session_replication_role = replica; {damage}")
    data = exported(postgres_stage)
    copy = a_stage("postgres18", servers.new_ledger("postgres18"), migrated=True)
    empty = exported(copy)
    with pytest.raises(OperatorError, match=said):
        copy.container.archive().load(BytesIO(data))
    assert rows_of(exported(copy)) == rows_of(empty)
    strike(copy)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'"schema":"0', b'"schema":"x', "this database is at"),
        (b'"hold":0', b'"h_ld":0', "other tables"),
        (b'"name":"Ada"', b'"nome":"Ada"', "other columns"),
        (b'"name":"Ada"', b'"name":["A"]', "neither text nor"),
        (b'"row":{"id"', b'"row":["id"', "no JSON"),
        (b'"exponent":2', b'"exponent":3', "has 3 decimals, in this database 2"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_though_its_hash_is_right(
    postgres_stage: Stage, servers: Servers, old: bytes, new: bytes, said: str
) -> None:
    postgres_stage.a_wallet(100)
    data = exported(postgres_stage)
    assert old in data
    copy = a_stage("postgres18", servers.new_ledger("postgres18"), migrated=True)
    empty = exported(copy)
    with pytest.raises(ArchiveRefused, match=said):
        copy.container.archive().load(BytesIO(hashed_again(data.replace(old, new))))
    assert rows_of(exported(copy)) == rows_of(empty)
    strike(copy)


def hashed_again(data: bytes) -> bytes:
    """The file with the last line that fits what was changed in it."""
    vouched = data[: -64 - len(b'"}}\n')]
    return vouched + sha256(vouched).hexdigest().encode() + b'"}}\n'


@pytest.mark.parametrize("what", ["an account", "a ledger", "a verification"])
def test_only_an_empty_database_is_imported_into(
    postgres_stage: Stage, servers: Servers, what: str
) -> None:
    data = exported(postgres_stage)
    copy = a_stage("postgres18", servers.new_ledger("postgres18"), migrated=True)
    if what == "an account":
        copy.a_wallet()
    elif what == "a ledger":
        a_history(copy, seed=1, steps=20)
    else:
        sql(
            copy.url or "",
            "INSERT INTO verification (started_at, duration_ms, quick, transactions, postings,"
            " wallets, sealed, findings) VALUES (now(), 1, true, 0, 0, 0, 0, 0)",
        )
    before = rows_of(exported(copy))
    with pytest.raises(OperatorError, match="is not empty"):
        copy.container.archive().load(BytesIO(data))
    assert rows_of(exported(copy)) == before
    strike(copy)
