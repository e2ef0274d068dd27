"""The SQL of holds on the money road; a batch without holds sends none of it."""

# Read without a lock, before the wallets are locked: none of these columns ever changes.
RESOLVE_HOLDS = """
PREPARE resolve_holds (uuid[]) AS
SELECT id, wallet_id, destination_wallet_id FROM hold WHERE id = ANY ($1)
"""

# Read when the wallets are locked: whoever changes a hold has locked its wallet first.
READ_HOLDS = """
PREPARE read_holds (uuid[]) AS
SELECT id, wallet_id, destination_wallet_id, amount, captured, currency, status, expires_at,
       reference, description, metadata, actor, request_id, created_at, updated_at
FROM hold WHERE id = ANY ($1)
"""

FIND_HOLD_REFERENCES = """
PREPARE find_hold_references (text[]) AS
SELECT reference FROM hold WHERE reference = ANY ($1)
"""

# Asked only about wallets on which something is held.
READ_EXPIRED = """
PREPARE read_expired (uuid[], timestamptz) AS
SELECT id, wallet_id, destination_wallet_id, amount, captured, currency, status, expires_at,
       reference, description, metadata, actor, request_id, created_at, updated_at
FROM hold
WHERE wallet_id = ANY ($1) AND status = 'pending' AND expires_at <= $2
"""

EXPIRE_HOLDS = """
PREPARE expire_holds (uuid[], timestamptz) AS
UPDATE hold SET status = 'expired', updated_at = expires_at
WHERE wallet_id = ANY ($1) AND status = 'pending' AND expires_at <= $2
"""

PUT_HOLDS = """
PREPARE put_holds
    (uuid[], uuid[], uuid[], bigint[], bigint[], text[], text[], timestamptz[], text[], text[],
     jsonb[], text[], text[], timestamptz[], timestamptz[]) AS
INSERT INTO hold
    (id, wallet_id, destination_wallet_id, amount, captured, currency, status, expires_at,
     reference, description, metadata, actor, request_id, created_at, updated_at)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
    AS new
    (id, wallet_id, destination_wallet_id, amount, captured, currency, status, expires_at,
     reference, description, metadata, actor, request_id, created_at, updated_at)
ORDER BY reference
"""

UPDATE_HOLDS = """
PREPARE update_holds (uuid[], bigint[], text[], timestamptz[]) AS
UPDATE hold SET captured = new.captured, status = new.status, updated_at = new.updated_at
FROM unnest($1, $2, $3, $4) AS new (id, captured, status, updated_at)
WHERE hold.id = new.id
"""

ALL = (
    RESOLVE_HOLDS,
    READ_HOLDS,
    FIND_HOLD_REFERENCES,
    READ_EXPIRED,
    EXPIRE_HOLDS,
    PUT_HOLDS,
    UPDATE_HOLDS,
)
