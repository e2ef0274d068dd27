"""The SQL of accounts on the money road; a batch of payments sends none of it."""

# Before the wallets: whoever changes an account's status, or adds a wallet to it, keeps the others out.
LOCK_ACCOUNTS = """
PREPARE lock_accounts (uuid[]) AS
SELECT FROM account WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE
"""

# In a statement of its own, so that it sees the wallets that were added while that waited.
WALLETS_OF_ACCOUNTS = """
PREPARE wallets_of_accounts (uuid[]) AS
SELECT account_id, array_agg(id ORDER BY id) FROM wallet WHERE account_id = ANY ($1)
GROUP BY account_id
"""

READ_ACCOUNTS = """
PREPARE read_accounts (uuid[]) AS
SELECT id, name, reference, status, metadata, version, created_at, updated_at
FROM account WHERE id = ANY ($1)
"""

READ_ROW_TIMES = """
PREPARE read_row_times (uuid[]) AS
SELECT id, created_at, updated_at FROM wallet WHERE id = ANY ($1)
"""

PUT_ACCOUNTS = """
PREPARE put_accounts (uuid[], text[], text[], text[], jsonb[], bigint[], timestamptz[]) AS
INSERT INTO account (id, name, reference, status, metadata, version, created_at, updated_at)
SELECT id, name, reference, status, metadata, version, created_at, created_at
FROM unnest($1, $2, $3, $4, $5, $6, $7)
     AS new (id, name, reference, status, metadata, version, created_at)
ORDER BY reference
"""

UPDATE_ACCOUNTS = """
PREPARE update_accounts (uuid[], text[], text[], jsonb[], bigint[], timestamptz[]) AS
UPDATE account
SET name = new.name, status = new.status, metadata = new.metadata, version = new.version,
    updated_at = new.updated_at
FROM unnest($1, $2, $3, $4, $5, $6) AS new (id, name, status, metadata, version, updated_at)
WHERE account.id = new.id
"""

PUT_WALLETS = """
PREPARE put_wallets (uuid[], uuid[], text[], text[], bigint[], bigint[], timestamptz) AS
INSERT INTO wallet (id, account_id, currency, status, overdraft_limit, max_balance,
                    balance, wallet_version, created_at, updated_at)
SELECT id, account_id, currency, status, overdraft_limit, max_balance, 0, 0, $7, $7
FROM unnest($1, $2, $3, $4, $5, $6)
     AS new (id, account_id, currency, status, overdraft_limit, max_balance)
"""

ALL = (
    LOCK_ACCOUNTS,
    WALLETS_OF_ACCOUNTS,
    READ_ACCOUNTS,
    READ_ROW_TIMES,
    PUT_ACCOUNTS,
    UPDATE_ACCOUNTS,
    PUT_WALLETS,
)
