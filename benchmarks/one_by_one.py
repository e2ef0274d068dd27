"""The work of one transfer as one SQL statement after another: what the service is compared with.

It writes every row that the service writes, with the same checks by hand, as straightforward psycopg2
code would: the rows it leaves are as good as the service's, and are verified with them.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg2.extras

from adapters.system import new_id
from benchmarks import database, poster
from benchmarks.commands import CURRENCY, SCOPE
from benchmarks.poster import Draw

LOCK = """
SELECT id, balance, held, overdraft_limit, wallet_version, last_posted_at, status, currency
FROM wallet WHERE id IN (%s, %s) ORDER BY id FOR NO KEY UPDATE
"""
FIND_KEY = "SELECT fingerprint, transaction_id FROM idempotency_key WHERE scope = %s AND key = %s"
PUT_KEY = """
INSERT INTO idempotency_key (scope, key, fingerprint, transaction_id, created_at)
VALUES (%s, %s, %s, %s, %s)
"""
PUT_TRANSACTION = """
INSERT INTO transaction (id, type, metadata, actor, request_id, created_at)
VALUES (%s, 'transfer', '{}', %s, %s, %s)
"""
# Both in one statement: they are checked to sum to zero at its end.
PUT_POSTINGS = """
INSERT INTO posting
    (transaction_id, leg, wallet_id, amount, currency, balance_after, wallet_version, created_at)
VALUES (%s, 0, %s, %s, %s, %s, %s, %s), (%s, 1, %s, %s, %s, %s, %s, %s)
"""
UPDATE_WALLET = """
UPDATE wallet SET balance = %s, wallet_version = %s, last_posted_at = %s, updated_at = %s
WHERE id = %s
"""


def make(database_url: str, draw: Draw) -> Callable[[], int]:
    """Posts one transfer in one transaction."""
    connection = database.connect(database_url)
    psycopg2.extras.register_uuid(conn_or_curs=connection)
    connection.autocommit = False
    cursor = connection.cursor()

    def post() -> int:
        transfer(cursor, *draw.transfer())
        connection.commit()
        return 1

    return post


def transfer(cursor: Any, source: UUID, destination: UUID, amount: int) -> None:
    """Move `amount` minor units; RuntimeError for what the service would refuse."""
    cursor.execute(LOCK, (source, destination))
    wallets = {row[0]: row[1:] for row in cursor.fetchall()}
    key = secrets.token_hex(16)
    cursor.execute(FIND_KEY, (SCOPE, key))
    if cursor.fetchone():
        raise RuntimeError("this key was used before")
    _check(wallets[source], amount)
    now = _time_for(wallets[source][4], wallets[destination][4])
    id = new_id()
    cursor.execute(PUT_KEY, (SCOPE, key, secrets.token_bytes(32), id, now))
    cursor.execute(PUT_TRANSACTION, (id, SCOPE, secrets.token_hex(16), now))
    legs = [(source, -amount, *wallets[source]), (destination, amount, *wallets[destination])]
    after = [_after(leg, now) for leg in legs]
    cursor.execute(PUT_POSTINGS, [value for leg in after for value in (id, *leg)])
    for wallet_id, _, _, balance, version, _ in after:
        cursor.execute(UPDATE_WALLET, (balance, version, now, now, wallet_id))


def _check(wallet: tuple[Any, ...], amount: int) -> None:
    balance, held, overdraft_limit, _, _, status, currency = wallet
    if status != "active" or currency != CURRENCY or balance - held + overdraft_limit < amount:
        raise RuntimeError("refused")


def _time_for(*last_posted: datetime) -> datetime:
    return max(datetime.now(UTC), *(each + timedelta(microseconds=1) for each in last_posted))


def _after(leg: tuple[Any, ...], now: datetime) -> tuple[UUID, int, str, int, int, datetime]:
    wallet_id, amount, balance, _, _, version, *_ = leg
    return wallet_id, amount, CURRENCY, balance + amount, version + 1, now


if __name__ == "__main__":
    poster.run(make)
