"""The SQL of the money road: one prepared statement for each table, whatever the size of the batch.

Each takes arrays, one element for each row. They are prepared once for each connection, which saves the
parsing and planning that would otherwise be half of a small batch's time.
"""

from adapters.postgres import hold_statements

LOCK_WALLETS = """
PREPARE lock_wallets (uuid[]) AS
SELECT FROM wallet
WHERE id = ANY ($1) AND account_id IS NOT NULL
ORDER BY id
FOR NO KEY UPDATE
"""

# Wallets (those of the system that are named, too) and keys in one answer: it travels in one message with
# BEGIN and lock_wallets, and sees what was committed while that waited.
READ_BOOKS = """
PREPARE read_books (uuid[], text[], text[]) AS
SELECT id, currency, status, balance, held, overdraft_limit, max_balance, wallet_version,
       last_posted_at, account_id,
       NULL::text, NULL::text, NULL::bytea, NULL::uuid, NULL::json, NULL::text
FROM wallet
WHERE id = ANY ($1)
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       k.scope, k.key, k.fingerprint, k.transaction_id, k.outcome, t.request_id
FROM unnest($2, $3) AS named (scope, key)
JOIN idempotency_key k ON k.scope = named.scope AND k.key = named.key
LEFT JOIN transaction t ON t.id = k.transaction_id
"""

FIND_REFERENCES = """
PREPARE find_references (text[], text[]) AS
SELECT 'account', reference FROM account WHERE reference = ANY ($1)
UNION ALL
SELECT 'transaction', reference FROM transaction WHERE reference = ANY ($2)
"""

# In the order of the keys, or two processes with the same keys would wait for each other. A key that another
# process has just committed is a unique violation: the batch is rolled back and runs again, and finds it.
PUT_KEYS = """
PREPARE put_keys (text[], text[], bytea[], uuid[], json[], timestamptz) AS
INSERT INTO idempotency_key (scope, key, fingerprint, transaction_id, outcome, created_at)
SELECT scope, key, fingerprint, transaction_id, outcome, $6
FROM unnest($1, $2, $3, $4, $5) AS new (scope, key, fingerprint, transaction_id, outcome)
ORDER BY scope, key
"""

PUT_ACCOUNTS = """
PREPARE put_accounts (uuid[], text[], text[], text[], jsonb[], bigint[], timestamptz[]) AS
INSERT INTO account (id, name, reference, status, metadata, version, created_at, updated_at)
SELECT id, name, reference, status, metadata, version, created_at, created_at
FROM unnest($1, $2, $3, $4, $5, $6, $7)
     AS new (id, name, reference, status, metadata, version, created_at)
ORDER BY reference
"""

PUT_WALLETS = """
PREPARE put_wallets (uuid[], uuid[], text[], timestamptz[]) AS
INSERT INTO wallet (id, account_id, currency, balance, wallet_version, created_at, updated_at)
SELECT id, account_id, currency, 0, 0, created_at, created_at
FROM unnest($1, $2, $3, $4) AS new (id, account_id, currency, created_at)
"""

PUT_TRANSACTIONS = """
PREPARE put_transactions
    (uuid[], text[], text[], text[], jsonb[], uuid[], text[], text[], timestamptz[], uuid[],
     jsonb[]) AS
INSERT INTO transaction
    (id, type, reference, description, metadata, reverses, actor, request_id, created_at, hold_id,
     allocation)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS new
    (id, type, reference, description, metadata, reverses, actor, request_id, created_at, hold_id,
     allocation)
ORDER BY reference
"""

PUT_POSTINGS = """
PREPARE put_postings
    (uuid[], smallint[], uuid[], bigint[], text[], bigint[], bigint[], timestamptz[]) AS
INSERT INTO posting
    (transaction_id, leg, wallet_id, amount, currency, balance_after, wallet_version, created_at)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
"""

UPDATE_WALLETS = """
PREPARE update_wallets (uuid[], bigint[], bigint[], timestamptz[]) AS
UPDATE wallet
SET balance = new.balance, wallet_version = new.version,
    last_posted_at = new.posted_at, updated_at = new.posted_at
FROM unnest($1, $2, $3, $4) AS new (id, balance, version, posted_at)
WHERE wallet.id = new.id
"""

ALL = (
    LOCK_WALLETS,
    READ_BOOKS,
    FIND_REFERENCES,
    PUT_KEYS,
    PUT_ACCOUNTS,
    PUT_WALLETS,
    PUT_TRANSACTIONS,
    PUT_POSTINGS,
    UPDATE_WALLETS,
    *hold_statements.ALL,
)
