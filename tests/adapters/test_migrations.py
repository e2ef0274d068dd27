"""Migrations: from nothing or any revision to the newest, with data in place, on every PostgreSQL."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from adapters.postgres.engine import plain_engine, reading_engine
from adapters.postgres.migrate import alembic_config, is_current, migrate, reasons_not_ready
from adapters.postgres.tables import metadata
from domain.money import Currency
from domain.wallet import exchange_wallet_id, external_wallet_id, system_wallet_ids
from service_layer.audit import OperatorError
from tests.builders import open_account, replenish
from tests.concurrency.rig import sql, until, until_somebody_waits_for_a_lock
from tests.servers import Servers
from tests.stage import a_stage, strike

USD, JPY = Currency(code="USD", exponent=2), Currency(code="JPY", exponent=0)

# Everything that a schema consists of, as PostgreSQL describes it.
SCHEMA = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype NOT IN ('n', 't')
UNION ALL
SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT table_name, column_name, concat_ws(' ', data_type, is_nullable, column_default)
FROM information_schema.columns WHERE table_schema = 'public'
ORDER BY 1, 2, 3
"""
TRIGGERS = (
    "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
)


@pytest.fixture(params=["postgres18", "postgres15"])
def server(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def empty_url(server: str, servers: Servers) -> str:
    """An empty database on each PostgreSQL in turn."""
    return servers.new_database(server)


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    with plain_engine(url).connect() as connection:
        yield connection


def schema_of(url: str) -> list[tuple[object, ...]]:
    return [row for row in sql(url, SCHEMA) if row[0] != "alembic_version"]


def revisions() -> list[str]:
    """All revisions, oldest first."""
    script = ScriptDirectory.from_config(alembic_config(None))  # type: ignore[arg-type]
    return [each.revision for each in reversed(list(script.walk_revisions()))]


def test_an_empty_database_is_brought_to_the_newest_revision(empty_url: str) -> None:
    with connected(empty_url) as connection:
        assert not is_current(connection)
    migrate(plain_engine(empty_url), [USD, JPY])
    with connected(empty_url) as connection:
        assert is_current(connection)
    wallets = sql(empty_url, "SELECT id::text, currency, balance FROM wallet ORDER BY currency")
    assert sorted(wallets) == sorted(
        (str(id), code, None) for code in ("JPY", "USD") for id in system_wallet_ids(code)
    )
    assert sql(empty_url, "SELECT * FROM currency ORDER BY code") == [("JPY", 0), ("USD", 2)]


def test_alembic_finds_no_difference_between_the_code_and_the_database(empty_url: str) -> None:
    migrate(plain_engine(empty_url), [USD])
    with connected(empty_url) as connection:
        command.check(alembic_config(connection))


def test_the_tables_of_the_code_are_those_of_the_migrations_in_every_detail(
    empty_url: str, server: str, servers: Servers
) -> None:
    migrate(plain_engine(empty_url), [USD])
    of_the_code = servers.new_database(server)
    metadata.create_all(plain_engine(of_the_code))
    assert schema_of(empty_url) == schema_of(of_the_code)


def test_every_constraint_of_the_code_has_a_name_that_the_database_knows(empty_url: str) -> None:
    migrate(plain_engine(empty_url), [USD])
    known = {str(row[1]) for row in schema_of(empty_url)}
    named = [
        str(each.name)
        for table in metadata.tables.values()
        for each in (*table.constraints, *table.indexes)
    ]
    assert len(named) > 25
    assert set(named) - known == set()


def test_migrating_twice_changes_nothing(empty_url: str) -> None:
    migrate(plain_engine(empty_url), [USD])
    before = schema_of(empty_url), sql(empty_url, TRIGGERS), sql(empty_url, "TABLE wallet")
    migrate(plain_engine(empty_url), [USD])
    assert (
        schema_of(empty_url),
        sql(empty_url, TRIGGERS),
        sql(empty_url, "TABLE wallet"),
    ) == before


def test_enabling_another_currency_later_adds_its_wallets(empty_url: str) -> None:
    migrate(plain_engine(empty_url), [USD])
    migrate(plain_engine(empty_url), [USD, JPY])
    assert sql(empty_url, "SELECT count(*) FROM wallet") == [(4,)]


def test_processes_that_start_together_migrate_one_after_another(empty_url: str) -> None:
    together = Barrier(4)

    def start() -> None:
        together.wait(10)
        migrate(plain_engine(empty_url), [USD])

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(start) for _ in range(4)]:
            each.result(30)
    with connected(empty_url) as connection:
        assert is_current(connection)


def test_a_database_with_data_goes_through_every_revision(empty_url: str) -> None:
    for number, revision in enumerate(revisions()):
        with connected(empty_url) as connection:
            command.upgrade(alembic_config(connection), revision)
            connection.commit()
        if number == 0:
            fill(empty_url)
    exchange = str(exchange_wallet_id("USD"))
    found = "SELECT currency, account_id FROM wallet WHERE id = %s"
    assert sql(empty_url, found, exchange) == [("USD", None)]
    stage = a_stage("postgres", empty_url)
    (ada,) = stage.container.queries().accounts(reference="ada", before=None, limit=2)
    assert [wallet.balance for wallet in ada.wallets] == [100]
    stage.execute(replenish(ada.wallets[0].id, 5))
    report = stage.container.auditor().verify()
    assert (report.transactions, report.findings) == (2, ())
    strike(stage)


def test_transactions_of_before_become_events_in_the_order_of_the_log(empty_url: str) -> None:
    with connected(empty_url) as connection:
        command.upgrade(alembic_config(connection), "0001")
        connection.commit()
    fill(empty_url)
    with connected(empty_url) as connection:
        command.upgrade(alembic_config(connection), "0004")
        connection.commit()
    history = [f"00000000-0000-7000-8000-0000000001{n:02}" for n in range(12)]
    for place, id in enumerate(history):
        sql(empty_url, A_TRANSACTION, id, place)
    # An earlier version has numbered some of them, in an order of its own.
    logged = [history[each] for each in (3, 0, 7)]
    for number, id in enumerate(logged, start=1):
        sql(empty_url, "INSERT INTO transaction_number VALUES (%s, %s)", number, id)
    sql(empty_url, "INSERT INTO sequencer (server, snapshot) VALUES ('s', '9:9:')")
    stage = a_stage("postgres", empty_url)
    stage.execute(open_account())
    stage.container.sequencer().number_committed()
    page = stage.container.events().after(0, limit=100)
    assert [event.number for event in page.events] == list(range(1, 15))
    told = [str(event.resource_id) for event in page.events if event.type != "account.opened"]
    rest = [each for each in history if each not in logged]
    ada = "00000000-0000-7000-8000-000000000003"
    assert told == [*logged, *rest, ada]
    log = stage.container.transaction_log().after(0, limit=100)
    assert [str(each.transaction.id) for each in log] == told
    strike(stage)


# Of the year 2026, a microsecond apart.
A_TRANSACTION = """
INSERT INTO transaction (id, type, actor, request_id, created_at)
VALUES (%s, 'transfer', 'a', 'r', timestamptz '2026-01-01Z' + %s * interval '1 microsecond')
"""


def fill(url: str) -> None:
    """Data as the first revision knew it, in plain SQL: Ada, who was given 1.00 USD."""
    names = {
        "usd": str(external_wallet_id("USD")),
        "account": "00000000-0000-7000-8000-000000000001",
        "wallet": "00000000-0000-7000-8000-000000000002",
        "transaction": "00000000-0000-7000-8000-000000000003",
    }
    statements = """
    INSERT INTO currency VALUES ('USD', 2);
    INSERT INTO account (id, name, reference, status, created_at, updated_at)
    VALUES ({account}, 'Ada', 'ada', 'active', now(), now());
    INSERT INTO wallet (id, account_id, currency, balance, wallet_version, last_posted_at,
                        created_at, updated_at)
    VALUES ({usd}, NULL, 'USD', NULL, NULL, NULL, now(), now()),
           ({wallet}, {account}, 'USD', 100, 1, now(), now(), now());
    INSERT INTO transaction (id, type, actor, request_id, created_at)
    VALUES ({transaction}, 'replenishment', 'a', 'r', now());
    INSERT INTO posting (transaction_id, leg, wallet_id, amount, currency, balance_after,
                         wallet_version, created_at)
    VALUES ({transaction}, 0, {usd}, -100, 'USD', NULL, NULL, now()),
           ({transaction}, 1, {wallet}, 100, 'USD', 100, 1, now());
    INSERT INTO idempotency_key (scope, key, fingerprint, transaction_id, created_at)
    VALUES ('default', 'k', '', {transaction}, now());
    """
    sql(url, statements.format(**{name: f"'{id}'" for name, id in names.items()}))


def test_a_database_that_is_not_current_says_what_to_do(empty_url: str) -> None:
    engine = reading_engine(empty_url, pool_size=1)
    assert [re.search("payments migrate", each) for each in reasons_not_ready(engine)] != [None]
    migrate(plain_engine(empty_url), [USD])
    assert reasons_not_ready(engine) == []
    sql(empty_url, "UPDATE alembic_version SET version_num = 'of the future'")
    assert reasons_not_ready(engine) != []
    engine.dispose()


def test_a_database_that_cannot_be_reached_is_told_to_the_operator() -> None:
    with pytest.raises(OperatorError, match="The database says"):
        migrate(plain_engine("postgresql://nobody@/nothing?host=/no/such/folder"), [USD])


def test_a_migration_cut_short_leaves_nothing_and_the_next_one_succeeds(empty_url: str) -> None:
    sql(empty_url, "CREATE TABLE idempotency_key (stands_in_the_way int)")
    with pytest.raises(OperatorError, match="idempotency_key"):
        migrate(plain_engine(empty_url), [USD])
    until(empty_url, "SELECT count(*) = 0 FROM pg_locks WHERE locktype = 'advisory'")
    assert sql(empty_url, "SELECT relname FROM pg_class WHERE relname = 'wallet'") == []
    sql(empty_url, "DROP TABLE idempotency_key")
    migrate(plain_engine(empty_url), [USD])
    stage = a_stage("postgres", empty_url)
    assert stage.execute(open_account()).refused is None
    strike(stage)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_every_text_is_refused(
    empty_url: str, server: str, encoding: str
) -> None:
    url = sa.make_url(empty_url)
    narrow = f"{url.database}_{encoding.lower()}"
    with (
        plain_engine(empty_url)
        .connect()
        .execution_options(isolation_level="AUTOCOMMIT") as connection
    ):
        connection.exec_driver_sql(
            f"CREATE DATABASE {narrow} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"
        )
    there = url.set(database=narrow).render_as_string(hide_password=False)
    with pytest.raises(OperatorError, match=f"{encoding}.*UTF8"):
        migrate(plain_engine(there), [USD])
    assert schema_of(there) == []


@pytest.mark.parametrize("found", ["of the future", "0999"])
def test_a_schema_that_is_of_no_later_version_is_refused_in_one_sentence(
    database_url: str, found: str
) -> None:
    """Without a note that lets this version serve, a later revision is as foreign as any."""
    stage = a_stage("postgres18", database_url)
    sql(database_url, "UPDATE alembic_version SET version_num = %s", found)
    sql(
        database_url,
        "COMMENT ON TABLE alembic_version IS 'code of revision 0998 or later may serve'",
    )
    with pytest.raises(OperatorError, match="not one of this version's"):
        stage.container.migration()
    assert stage.container.not_ready() != []
    strike(stage)


def test_a_later_schema_that_lets_this_version_serve_is_served_and_left_as_it_is(
    database_url: str,
) -> None:
    stage = a_stage("postgres18", database_url)
    sql(database_url, "UPDATE alembic_version SET version_num = '0999'")
    before = schema_of(database_url)
    stage.container.migration()
    assert (stage.container.not_ready(), schema_of(database_url)) == ([], before)
    assert stage.execute(open_account()).refused is None
    strike(stage)


def test_a_migration_that_waits_for_a_lock_lets_payments_pass(empty_url: str) -> None:
    """A long read of a table keeps the migration out, which must not keep others out in turn."""
    with connected(empty_url) as connection:
        command.upgrade(alembic_config(connection), "0004")
        connection.commit()
    reading = plain_engine(empty_url).connect()
    reading.exec_driver_sql("SELECT FROM transaction")
    with ThreadPoolExecutor(1) as pool:
        migrating = pool.submit(migrate, plain_engine(empty_url), [USD])
        until_somebody_waits_for_a_lock(empty_url)
        until(empty_url, "SELECT count(*) = 0 FROM pg_locks WHERE NOT granted")
        sql(empty_url, "SET lock_timeout = '100ms'; SELECT FROM transaction")
        assert not migrating.done()
        reading.close()
        migrating.result(30)
    with connected(empty_url) as connection:
        assert is_current(connection)
