"""The SQL of the money road for API keys: prepared statements that take arrays, as in statements.py."""

LOCK_API_KEYS = """
PREPARE lock_api_keys (uuid[]) AS
SELECT FROM api_key
WHERE id = ANY ($1)
ORDER BY id
FOR UPDATE
"""

# After the lock, in a statement of its own: it sees the secrets of whoever was faster.
READ_API_KEYS = """
PREPARE read_api_keys (uuid[]) AS
SELECT k.id, k.name, k.scopes, k.account_id, k.created_at, k.updated_at, k.expires_at, k.revoked_at,
       s.prefix, s.hash, s.created_at, s.expires_at
FROM api_key k
JOIN api_key_secret s ON s.api_key_id = k.id
WHERE k.id = ANY ($1)
"""

# Scopes have no spaces: those of a key travel as one text.
PUT_API_KEYS = """
PREPARE put_api_keys
    (uuid[], text[], text[], uuid[], timestamptz[], timestamptz[], timestamptz[], timestamptz[]) AS
INSERT INTO api_key (id, name, scopes, account_id, created_at, updated_at, expires_at, revoked_at)
SELECT id, name, string_to_array(scopes, ' '), account_id, created_at, updated_at, expires_at, revoked_at
FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS new
    (id, name, scopes, account_id, created_at, updated_at, expires_at, revoked_at)
ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at, revoked_at = excluded.revoked_at
"""

PUT_API_KEY_SECRETS = """
PREPARE put_api_key_secrets (uuid[], text[], bytea[], timestamptz[], timestamptz[]) AS
INSERT INTO api_key_secret (api_key_id, prefix, hash, created_at, expires_at)
SELECT * FROM unnest($1, $2, $3, $4, $5)
ON CONFLICT (api_key_id, prefix) DO UPDATE SET expires_at = excluded.expires_at
"""

ALL = (LOCK_API_KEYS, READ_API_KEYS, PUT_API_KEYS, PUT_API_KEY_SECRETS)
