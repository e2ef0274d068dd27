"""What a test has left in its database is not there for the next one."""

from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
import sqlalchemy as sa

from tests.builders import open_account, replenish
from tests.concurrency.rig import a_stranger, as_superuser, dsn, sql
from tests.servers import Servers
from tests.spare_ledgers import RELATION_BYTES_MAX, SPARE_MAX, restored, template_of
from tests.stage import Stage, a_stage, strike

TABLES = (
    "SELECT relname, relkind FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')"
)
# What is no row, or is too much: such a database is not used again.
CHANGES = {
    "a constraint less": "ALTER TABLE posting DROP CONSTRAINT posting_pkey CASCADE",
    "a trigger switched off": "ALTER TABLE posting DISABLE TRIGGER ALL",
    "a column more": "ALTER TABLE posting ADD COLUMN stray int",
    "a default": "ALTER TABLE account ALTER COLUMN name SET DEFAULT 'stray'",
    "a table": "CREATE TABLE stray (id int)",
    "a schema": "CREATE SCHEMA stray",
    "a function": "CREATE FUNCTION stray() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "an index less": "DROP INDEX transaction_written_in_idx",
    "a grant": "GRANT DELETE ON posting TO payments_service",
    "a column's grant": "GRANT UPDATE (amount) ON posting TO payments_service",
    "a setting": "ALTER DATABASE {database} SET work_mem = '1MB'",
    "a limit of connections": "ALTER DATABASE {database} CONNECTION LIMIT 7",
    "statistics": "ANALYZE currency",
    "a table written anew": "SET session_replication_role = replica; TRUNCATE verification",
    "size": "INSERT INTO account (id, name, status, metadata, version, created_at, updated_at)"
    " SELECT gen_random_uuid(), repeat('x', 100), 'active', '{{}}', 1, now(), now()"
    f" FROM generate_series(1, {RELATION_BYTES_MAX // 16})",
}


BOTH = ["postgres18", "postgres15"]


@pytest.fixture
def filled(servers: Servers, server: str) -> Iterator[Stage]:
    """A stage on a ledger of its own, which is not audited: it may be spoilt."""
    stage = a_stage(server, servers.new_ledger(server), migrated=True)
    yield stage
    strike(stage)


def contents(url: str) -> dict[object, object]:
    """The rows of each table; where each sequence is."""
    wanted = {"r": "array_agg(it::text ORDER BY it::text)", "S": "(last_value, is_called)::text"}
    return {
        name: sql(as_superuser(url), f"SELECT {wanted[str(kind)]} FROM {name} AS it")
        for name, kind in sql(as_superuser(url), TABLES)
    }


def leave_much(stage: Stage) -> None:
    """Rows in most tables; numbers taken from both sequences; rows of the template changed."""
    wallet_id = stage.a_wallet(5)
    stage.run(open_account(), replenish(wallet_id, 7), replenish(wallet_id, 8))
    list(stage.container.sealer().seal_all())
    sql(
        as_superuser(stage.url or ""),
        "SET session_replication_role = replica; UPDATE currency SET exponent = 3;"
        " DELETE FROM service_secret; UPDATE wallet SET status = 'frozen';"
        " SELECT nextval('verification_id_seq')",
    )


@pytest.mark.parametrize("server", BOTH)
def test_a_used_ledger_has_the_rows_of_its_template_again(filled: Stage) -> None:
    url = filled.url or ""
    before = contents(url)
    with closing(psycopg2.connect(dsn(as_superuser(url)))) as session:
        template = template_of(session)
        session.commit()
        leave_much(filled)
        assert contents(url) != before
        assert restored(session, template)
    assert contents(url) == before
    assert filled.findings() == ()


@pytest.mark.parametrize("server", ["postgres18"])  # the catalogues that tell are alike in both
@pytest.mark.parametrize("change", CHANGES)
def test_what_rows_do_not_undo_is_not_used_again(filled: Stage, change: str) -> None:
    url = filled.url or ""
    with closing(psycopg2.connect(dsn(as_superuser(url)))) as session:
        template = template_of(session)
        session.commit()
        assert restored(session, template)
        sql(as_superuser(url), CHANGES[change].format(database=sa.make_url(url).database))
        assert not restored(session, template)


@pytest.mark.parametrize("server", BOTH)
def test_each_test_gets_a_ledger_that_nobody_else_knows(servers: Servers, server: str) -> None:
    count = servers.count()
    first = contents(servers.new_ledger(server))
    servers.take_back_since(count)
    urls = set()
    for _ in range(2 * SPARE_MAX):
        url = servers.new_ledger(server)
        assert url not in urls
        assert contents(url) == first
        urls.add(url)
        stage = a_stage(server, url, migrated=True)
        leave_much(stage)
        with a_stranger(url) as stranger:
            servers.take_back_since(count)
            with pytest.raises(psycopg2.OperationalError):
                stranger.cursor().execute("SELECT 1")
        strike(stage)
