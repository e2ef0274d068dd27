"""The SQL of the money road: one prepared statement for each table, whatever the size of the batch.

Each takes arrays, one element for each row. They are prepared once for each connection, which saves the
parsing and planning that would otherwise be half of a small batch's time.
"""

from adapters.postgres import (
    account_statements,
    api_key_statements,
    entry_rows,
    hold_statements,
    original_statements,
    quote_statements,
    webhook_rows,
)

# Customers' wallets are locked in the order of their ids and read as they are then; with them come the keys
# that are known. One that another process keeps while this waits for a lock is not seen: put_keys meets it.
OPEN_BOOKS = """
PREPARE open_books (uuid[], text[], text[]) AS
WITH locked AS MATERIALIZED (
    SELECT id, currency, status, balance, held, overdraft_limit, max_balance, wallet_version,
           last_posted_at, account_id
    FROM wallet
    WHERE id = ANY ($1) AND account_id IS NOT NULL
    ORDER BY id
    FOR NO KEY UPDATE
)
SELECT *, NULL::text, NULL::text, NULL::bytea, NULL::uuid, NULL::json, NULL::text FROM locked
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       k.scope, k.key, k.fingerprint, k.transaction_id, k.outcome, t.request_id
FROM unnest($2, $3) AS named (scope, key)
JOIN idempotency_key k ON k.scope = named.scope AND k.key = named.key
LEFT JOIN transaction t ON t.id = k.transaction_id
"""

FIND_SYSTEM_WALLETS = """
PREPARE find_system_wallets (uuid[]) AS
SELECT id FROM wallet WHERE id = ANY ($1) AND account_id IS NULL
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

PUT_TRANSACTIONS = """
PREPARE put_transactions
    (uuid[], text[], text[], text[], jsonb[], uuid[], text[], text[], timestamptz[], uuid[],
     jsonb[], uuid[]) AS
INSERT INTO transaction
    (id, type, reference, description, metadata, reverses, actor, request_id, created_at, hold_id,
     allocation, quote_id)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) AS new
    (id, type, reference, description, metadata, reverses, actor, request_id, created_at, hold_id,
     allocation, quote_id)
ORDER BY reference
"""

# In the order of wallets, as their index is: of a large batch many neighbours stand on one page of it.
PUT_POSTINGS = """
PREPARE put_postings
    (uuid[], smallint[], uuid[], bigint[], text[], bigint[], bigint[], timestamptz[]) AS
INSERT INTO posting
    (transaction_id, leg, wallet_id, amount, currency, balance_after, wallet_version, created_at)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS new
    (transaction_id, leg, wallet_id, amount, currency, balance_after, wallet_version, created_at)
ORDER BY wallet_id
"""

UPDATE_WALLETS = """
PREPARE update_wallets (uuid[], bigint[], bigint[], timestamptz[]) AS
UPDATE wallet
SET balance = new.balance, wallet_version = new.version,
    last_posted_at = new.posted_at, updated_at = greatest(wallet.updated_at, new.posted_at)
FROM (
    SELECT * FROM unnest($1, $2, $3, $4) AS each (id, balance, version, posted_at) ORDER BY id
) AS new
WHERE wallet.id = new.id
"""

# Instead of update_wallets, when more than postings has changed on any wallet of the batch: one UPDATE for
# all, because a wallet's CHECKs look at balance, held and overdraft together.
UPDATE_WHOLE_WALLETS = """
PREPARE update_whole_wallets
    (uuid[], bigint[], bigint[], timestamptz[], bigint[], text[], bigint[], bigint[],
     timestamptz[]) AS
UPDATE wallet
SET balance = new.balance, wallet_version = new.version, last_posted_at = new.posted_at,
    held = new.held, status = new.status, overdraft_limit = new.overdraft_limit,
    max_balance = new.max_balance,
    updated_at = greatest(wallet.updated_at, new.posted_at, new.changed_at)
FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
     AS new (id, balance, version, posted_at, held, status, overdraft_limit, max_balance, changed_at)
WHERE wallet.id = new.id
"""

ALL = (
    OPEN_BOOKS,
    FIND_SYSTEM_WALLETS,
    FIND_REFERENCES,
    PUT_KEYS,
    PUT_TRANSACTIONS,
    PUT_POSTINGS,
    UPDATE_WALLETS,
    UPDATE_WHOLE_WALLETS,
    *account_statements.ALL,
    *original_statements.ALL,
    *hold_statements.ALL,
    *quote_statements.ALL,
    *api_key_statements.ALL,
    entry_rows.PUT_ENTRIES,
    *webhook_rows.ALL,
)
