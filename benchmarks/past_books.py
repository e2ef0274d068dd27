"""A year's books, made set-based: a million transactions of several types, some with metadata.

One wallet, the merchant's, has a tenth of all transactions; some types are rare.
"""

from datetime import UTC, datetime, timedelta

from benchmarks import big_books, commands, database
from benchmarks.seed import BALANCE_MINOR, BATCH, run_all
from entrypoints.config import Settings
from entrypoints.container import Container

WALLETS = 20_000
AT_ONCE = 250_000
YEAR = timedelta(days=365)

DRAW = """
CREATE TEMP TABLE drawn AS
WITH books AS (
    SELECT count(*)::int AS count, max(last_posted_at) AS began FROM numbered
), picks AS MATERIALIZED (
    SELECT number, count, began + number * interval '{step_us} microseconds' AS created_at,
           1 + floor(random() * (count - 1))::int AS position,
           CASE WHEN number % 10 = 0 THEN 0 ELSE 1 + floor(random() * (count - 1))::int END AS other,
           1 + floor(random() * 100)::bigint AS amount
    FROM books, generate_series(1, {transfers}) AS number
)
SELECT number, uuidv7(picks.created_at - now()) AS id, source.id AS source, destination.id AS destination,
       amount, picks.created_at
FROM picks
JOIN numbered AS source USING (position)
JOIN numbered AS destination ON destination.position =
    CASE WHEN other = picks.position THEN picks.position % (count - 1) + 1 ELSE other END
ORDER BY number
"""
# Every thousandth is a journal, every hundred thousandth a replenishment; every fifth has metadata.
PUT_TRANSACTIONS = """
INSERT INTO transaction (id, type, actor, request_id, created_at, metadata)
SELECT id,
       CASE WHEN number % 100000 = 50 THEN 'replenishment' WHEN number % 1000 = 5 THEN 'journal'
            ELSE 'transfer' END,
       'default', replace(gen_random_uuid()::text, '-', ''), created_at,
       CASE WHEN number % 5 = 0
            THEN jsonb_build_object('invoice', 'i-' || number, 'channel',
                                    CASE WHEN number % 500 = 0 THEN 'fax' ELSE 'web' END)
            ELSE '{}' END
FROM drawn ORDER BY number
"""


def prepare(server_url: str, transactions: int) -> str:
    """Make the books, unless an earlier run has done so; gives the URL."""
    name = f"payments_past_{transactions}"
    url = database.url_of(server_url, name)
    if not database.exists(server_url, name):
        unfinished = f"{name}_unfinished"
        database.drop(server_url, unfinished)
        database.run(server_url, f"CREATE DATABASE {unfinished}")
        _fill(database.url_of(server_url, unfinished), transactions)
        database.run(server_url, f"ALTER DATABASE {unfinished} RENAME TO {name}")
    return url


def _fill(url: str, transactions: int) -> None:
    _open_wallets(url)
    step_us = int(YEAR / timedelta(microseconds=1)) // transactions
    for first in range(0, transactions, AT_ONCE):
        count = min(AT_ONCE, transactions - first)
        database.run(
            url,
            "BEGIN",
            big_books.TRIGGER.format("DISABLE"),
            big_books.NUMBERED,
            "ANALYZE numbered",
            DRAW.format(transfers=count, step_us=step_us),
            "ANALYZE drawn",
            big_books.LEGS,
            PUT_TRANSACTIONS,
            *(big_books.PUT_KEYS, big_books.PUT_POSTINGS, big_books.UPDATE_WALLETS),
            big_books.TRIGGER.format("ENABLE"),
            "COMMIT",
        )
    database.run(url, "VACUUM ANALYZE")


def _open_wallets(url: str) -> None:
    """More than a year ago, with money in them."""
    container = Container(settings=Settings(database_url=url))
    began = datetime.now(UTC) - YEAR - timedelta(days=1)
    container.clock.override(lambda: began)
    container.migration()
    runner = container.batch_runner()
    try:
        for first in range(0, WALLETS, BATCH):
            opened = [commands.open_account(number) for number in range(first, first + BATCH)]
            run_all(runner, opened)
            run_all(runner, [commands.replenish(each.wallet_id, BALANCE_MINOR) for each in opened])
    finally:
        container.posting_engine().dispose()
