"""The version before goes on paying while the database is migrated under it, and after."""

import threading
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import UUID

import psycopg2
import psycopg2.extras
import pytest
from alembic import command

from adapters.postgres.compatibility import NOTE, READ_NOTE, SERVES_SINCE
from adapters.postgres.engine import POSTING, plain_engine
from adapters.postgres.migrate import alembic_config, is_current
from adapters.system import new_id
from domain.wallet import external_wallet_id
from tests.concurrency.rig import a_stranger, dsn
from tests.servers import Servers
from tests.stage import a_stage, strike

OLD_SQL = (Path(__file__).parent / "revision_0004.sql").read_text()
OLD_REVISION = "0004"
PAID_MIN = 20
EXTERNAL = external_wallet_id("USD")


class PreviousVersion:
    """Replenishes one wallet again and again, by the statements of then, prepared before the migration."""

    def __init__(self, url: str, wallet_id: UUID) -> None:
        self.paid = 0
        self._wallet_id = wallet_id
        self._keys = count(1)
        self._session = psycopg2.connect(dsn(url))
        self._session.autocommit = True
        psycopg2.extras.register_uuid(conn_or_curs=self._session)
        self._cursor = self._session.cursor()
        self._cursor.execute(POSTING.format(lock_seconds=2, post_seconds=60) + OLD_SQL)

    def close(self) -> None:
        self._session.close()

    def pay(self) -> None:
        """One payment of 1, as a batch of one."""
        ids = [self._wallet_id]
        self._cursor.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
        self._cursor.execute("EXECUTE lock_wallets (%s::uuid[])", [ids])
        self._cursor.execute("EXECUTE read_books (%s::uuid[], '{}', '{}')", [ids])
        (wallet,) = self._cursor.fetchall()
        balance, version, now = wallet[3] + 1, wallet[7] + 1, datetime.now(UTC)
        transaction_id, key = new_id(), f"old-{next(self._keys)}"
        self._cursor.execute(
            "EXECUTE put_keys ('{default}', %s, %s::bytea[], %s::uuid[], '{NULL}', %s)",
            [[key], [b"x"], [transaction_id], now],
        )
        self._cursor.execute(
            "EXECUTE put_transactions (%s::uuid[], '{replenishment}', '{NULL}', '{NULL}', '{\"{}\"}',"
            " '{NULL}', '{old}', '{old}', %s, '{NULL}', '{NULL}')",
            [[transaction_id], [now]],
        )
        self._cursor.execute(
            "EXECUTE put_postings (%s::uuid[], '{0,1}', %s::uuid[], '{-1,1}', '{USD,USD}', %s, %s, %s)",
            [[transaction_id] * 2, [EXTERNAL, *ids], [None, balance], [None, version], [now, now]],
        )
        self._cursor.execute(
            "EXECUTE update_wallets (%s::uuid[], %s, %s, %s); COMMIT",
            [ids, [balance], [version], [now]],
        )
        self.paid += 1

    def pay_until(self, done: threading.Event, enough: threading.Event) -> None:
        while not done.is_set():
            self.pay()
            if self.paid >= PAID_MIN:
                enough.set()


def open_a_wallet(url: str) -> UUID:
    """As revision 0001 knew accounts."""
    account_id, wallet_id = new_id(), new_id()
    with a_stranger(url) as session, session.cursor() as cursor:
        psycopg2.extras.register_uuid(conn_or_curs=session)
        cursor.execute(
            "INSERT INTO currency VALUES ('USD', 2);"
            " INSERT INTO account (id, name, status, created_at, updated_at)"
            " VALUES (%s, 'Ada', 'active', now(), now());"
            " INSERT INTO wallet (id, account_id, currency, balance, wallet_version, created_at,"
            " updated_at) VALUES (%s, NULL, 'USD', NULL, NULL, now(), now()),"
            " (%s, %s, 'USD', 0, 0, now(), now())",
            [account_id, EXTERNAL, wallet_id, account_id],
        )
        session.commit()
    return wallet_id


@pytest.fixture(params=["postgres18", "postgres15"])
def old_url(request: pytest.FixtureRequest, servers: Servers) -> str:
    """A database as the version before has left it."""
    url = servers.new_database(request.param)
    with plain_engine(url).connect() as connection:
        command.upgrade(alembic_config(connection), OLD_REVISION)
        connection.commit()
    return url


def test_the_version_before_pays_on_while_the_database_is_migrated_and_after(old_url: str) -> None:
    wallet_id = open_a_wallet(old_url)
    old = PreviousVersion(old_url, wallet_id)
    done, enough = threading.Event(), threading.Event()
    failed: list[BaseException] = []

    def pay_on() -> None:
        try:
            old.pay_until(done, enough)
        except BaseException as error:
            failed.append(error)
            enough.set()

    paying = threading.Thread(target=pay_on)
    paying.start()
    assert enough.wait(60)
    before = old.paid
    stage = a_stage("postgres", old_url)
    with plain_engine(old_url).connect() as connection:
        assert is_current(connection)
    after = old.paid
    while old.paid < after + PAID_MIN and not failed:
        done.wait(0.01)
    done.set()
    paying.join(30)
    old.close()
    assert failed == []
    assert old.paid >= max(before, after) + PAID_MIN
    assert stage.balance(wallet_id) == old.paid
    assert stage.findings() == ()
    strike(stage)


def test_no_code_is_promised_to_serve_that_is_older_than_what_is_tried_here(old_url: str) -> None:
    strike(a_stage("postgres", old_url))
    with plain_engine(old_url).connect() as connection:
        assert connection.scalar(READ_NOTE) == NOTE.format(SERVES_SINCE)
    assert SERVES_SINCE >= OLD_REVISION
