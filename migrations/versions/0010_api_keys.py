"""API keys, with their secrets as hashes."""

from alembic import op

revision = "0010"
down_revision = "0009"

TABLES = """
CREATE TABLE api_key (
    id         uuid        NOT NULL CONSTRAINT api_key_pkey PRIMARY KEY,
    account_id uuid        CONSTRAINT api_key_account_id_fkey REFERENCES account (id),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    name       text        NOT NULL,
    scopes     text[]      NOT NULL,
    CONSTRAINT api_key_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT api_key_has_scopes CHECK (cardinality(scopes) > 0),
    CONSTRAINT api_key_bound_is_no_admin CHECK (
        account_id IS NULL OR NOT 'admin' = ANY (scopes)
    )
);
CREATE TABLE api_key_secret (
    prefix     text        NOT NULL CONSTRAINT api_key_secret_pkey PRIMARY KEY,
    api_key_id uuid        NOT NULL
        CONSTRAINT api_key_secret_api_key_id_fkey REFERENCES api_key (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    hash       bytea       NOT NULL,
    CONSTRAINT api_key_secret_api_key_id_prefix_key UNIQUE (api_key_id, prefix),
    CONSTRAINT api_key_secret_prefix_has_its_form CHECK (prefix ~ '^[0-9a-f]{12}$'),
    CONSTRAINT api_key_secret_hash_is_sha_256 CHECK (octet_length(hash) = 32)
);
"""

# A key is what actors and idempotency keys refer to: it stays, and what it allows stays as it was.
DEFENCES = """
CREATE TRIGGER api_key_stays BEFORE DELETE OR TRUNCATE
OR UPDATE OF id, name, scopes, account_id, created_at, expires_at ON api_key
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER api_key_secret_stays BEFORE DELETE OR TRUNCATE
OR UPDATE OF prefix, api_key_id, created_at, hash ON api_key_secret
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION api_key_stays_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a revoked API key cannot change'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'api_key_stays_revoked',
              TABLE = 'api_key';
END
$$;
CREATE TRIGGER api_key_stays_revoked BEFORE UPDATE ON api_key
FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL) EXECUTE FUNCTION api_key_stays_revoked();
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(DEFENCES)
