"""Books with millions of postings, made set-based: as if the service had posted them all.

Every chain of versions, balances and times is right, so that `payments verify` passes; the keys are
random and the ids grow with time, as they do in real books, so that the indexes look the same.
"""

from benchmarks import database, seed

POSTINGS = 5_000_000
TRANSFERS_AT_ONCE = 250_000
TRIGGER = "ALTER TABLE posting {} TRIGGER posting_add_up"

# The sum of a transaction and its references are right by construction, and verified after the run.
NUMBERED = """
CREATE TEMP TABLE numbered AS
SELECT (row_number() OVER (ORDER BY id) - 1)::int AS position, id, last_posted_at
FROM wallet WHERE account_id IS NOT NULL
"""
DRAW = """
CREATE TEMP TABLE drawn AS
WITH books AS (
    SELECT count(*)::int AS count, max(last_posted_at) AS began FROM numbered
), picks AS MATERIALIZED (
    SELECT number, count, began + number * interval '1 microsecond' AS created_at,
           floor(random() * count)::int AS position,
           1 + floor(random() * (count - 1))::int AS step,
           1 + floor(random() * 100)::bigint AS amount
    FROM books, generate_series(1, {transfers}) AS number
)
SELECT number, uuidv7() AS id, source.id AS source, destination.id AS destination,
       amount, created_at
FROM picks
JOIN numbered AS source USING (position)
JOIN numbered AS destination ON destination.position = (picks.position + step) % count
ORDER BY number
"""
LEGS = """
CREATE TEMP TABLE legs AS
SELECT drawn.id, drawn.created_at, leg, wallet.id AS wallet_id, sign * amount AS amount,
       balance + sum(sign * amount) OVER of_wallet AS balance_after,
       wallet_version + row_number() OVER of_wallet AS wallet_version
FROM drawn
CROSS JOIN LATERAL (VALUES (0, source, -1), (1, destination, 1)) AS sides (leg, side, sign)
JOIN wallet ON wallet.id = side
WINDOW of_wallet AS (PARTITION BY wallet.id ORDER BY number)
"""
PUT_TRANSACTIONS = """
INSERT INTO transaction (id, type, actor, request_id, created_at)
SELECT id, 'transfer', 'default', replace(gen_random_uuid()::text, '-', ''), created_at
FROM drawn ORDER BY number
"""
PUT_KEYS = """
INSERT INTO idempotency_key (scope, key, fingerprint, transaction_id, created_at)
SELECT 'default', gen_random_uuid(), sha256(uuid_send(gen_random_uuid())), id, created_at
FROM drawn ORDER BY number
"""
PUT_POSTINGS = """
INSERT INTO posting
    (transaction_id, leg, wallet_id, amount, currency, balance_after, wallet_version, created_at)
SELECT id, leg, wallet_id, amount, 'USD', balance_after, wallet_version, created_at
FROM legs ORDER BY created_at, leg
"""
UPDATE_WALLETS = """
UPDATE wallet SET balance = balance_after, wallet_version = last.wallet_version,
    last_posted_at = last.created_at, updated_at = last.created_at
FROM (
    SELECT DISTINCT ON (wallet_id) * FROM legs ORDER BY wallet_id, wallet_version DESC
) AS last
WHERE wallet.id = last.wallet_id
"""


def prepare(server_url: str, wallets: int) -> str:
    """Make the database of big books, unless an earlier run has done so; gives its name."""
    source = seed.prepare(server_url, wallets)
    name = source.replace("seed", f"big_{POSTINGS}")
    if not database.exists(server_url, name):
        unfinished = f"{name}_unfinished"
        _fill(database.copy(server_url, source, unfinished), POSTINGS // 2 - wallets)
        database.run(server_url, f"ALTER DATABASE {unfinished} RENAME TO {name}")
    return name


def _fill(url: str, transfers: int) -> None:
    for first in range(0, transfers, TRANSFERS_AT_ONCE):
        count = min(TRANSFERS_AT_ONCE, transfers - first)
        database.run(
            url,
            "BEGIN",
            TRIGGER.format("DISABLE"),
            NUMBERED,
            "ANALYZE numbered",
            DRAW.format(transfers=count),
            "ANALYZE drawn",
            LEGS,
            *(PUT_TRANSACTIONS, PUT_KEYS, PUT_POSTINGS, UPDATE_WALLETS),
            TRIGGER.format("ENABLE"),
            "COMMIT",
        )
        database.run(url, "VACUUM wallet")
