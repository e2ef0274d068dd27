-- The money road of the version at revision 0004, word for word, but for its comments: what a process that was
-- started before a migration goes on sending. Replace it with the last release's at each release.

PREPARE lock_wallets (uuid[]) AS
SELECT FROM wallet
WHERE id = ANY ($1) AND account_id IS NOT NULL
ORDER BY id
FOR NO KEY UPDATE;

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
LEFT JOIN transaction t ON t.id = k.transaction_id;

PREPARE put_keys (text[], text[], bytea[], uuid[], json[], timestamptz) AS
INSERT INTO idempotency_key (scope, key, fingerprint, transaction_id, outcome, created_at)
SELECT scope, key, fingerprint, transaction_id, outcome, $6
FROM unnest($1, $2, $3, $4, $5) AS new (scope, key, fingerprint, transaction_id, outcome)
ORDER BY scope, key;

PREPARE put_transactions
    (uuid[], text[], text[], text[], jsonb[], uuid[], text[], text[], timestamptz[], uuid[],
     jsonb[]) AS
INSERT INTO transaction
    (id, type, reference, description, metadata, reverses, actor, request_id, created_at, hold_id,
     allocation)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS new
    (id, type, reference, description, metadata, reverses, actor, request_id, created_at, hold_id,
     allocation)
ORDER BY reference;

PREPARE put_postings
    (uuid[], smallint[], uuid[], bigint[], text[], bigint[], bigint[], timestamptz[]) AS
INSERT INTO posting
    (transaction_id, leg, wallet_id, amount, currency, balance_after, wallet_version, created_at)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8);

PREPARE update_wallets (uuid[], bigint[], bigint[], timestamptz[]) AS
UPDATE wallet
SET balance = new.balance, wallet_version = new.version,
    last_posted_at = new.posted_at, updated_at = new.posted_at
FROM unnest($1, $2, $3, $4) AS new (id, balance, version, posted_at)
WHERE wallet.id = new.id;
