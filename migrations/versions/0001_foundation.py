"""The foundation: currencies, accounts, wallets, transactions, postings and idempotency keys.

Migrations only go forward. The statements are written out, so that a later change of the code's tables does
not change what this revision makes.
"""

from alembic import op

revision = "0001"
down_revision = None

MAX = 9_007_199_254_740_991

TABLES = f"""
CREATE TABLE currency (
    code     text     NOT NULL CONSTRAINT currency_pkey PRIMARY KEY,
    exponent smallint NOT NULL,
    CONSTRAINT currency_code_is_iso_4217 CHECK (code ~ '^[A-Z]{{3}}$'),
    CONSTRAINT currency_exponent_in_range CHECK (exponent BETWEEN 0 AND 4)
);

CREATE TABLE account (
    id         uuid        NOT NULL CONSTRAINT account_pkey PRIMARY KEY,
    name       text        NOT NULL,
    reference  text,
    status     text        NOT NULL,
    metadata   jsonb       NOT NULL DEFAULT '{{}}'::jsonb,
    version    bigint      NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT account_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT account_status_known CHECK (status IN ('active', 'frozen', 'closed'))
);
CREATE UNIQUE INDEX account_reference_key ON account (reference) WHERE reference IS NOT NULL;

-- Updated in place by every posting: room on each page keeps the updates HOT, and no index is on a
-- column that changes.
CREATE TABLE wallet (
    id              uuid        NOT NULL CONSTRAINT wallet_pkey PRIMARY KEY,
    account_id      uuid        CONSTRAINT wallet_account_id_fkey REFERENCES account (id),
    balance         bigint,
    held            bigint      NOT NULL DEFAULT 0,
    overdraft_limit bigint      NOT NULL DEFAULT 0,
    max_balance     bigint,
    wallet_version  bigint,
    last_posted_at  timestamptz,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    currency        text        NOT NULL CONSTRAINT wallet_currency_fkey REFERENCES currency (code),
    status          text        NOT NULL DEFAULT 'active',
    CONSTRAINT wallet_account_id_currency_key UNIQUE (account_id, currency),
    CONSTRAINT wallet_status_known CHECK (status IN ('active', 'frozen', 'closed')),
    CONSTRAINT wallet_balance_in_range CHECK (balance BETWEEN -{MAX} AND {MAX}),
    CONSTRAINT wallet_held_in_range CHECK (held BETWEEN 0 AND {MAX}),
    CONSTRAINT wallet_overdraft_limit_in_range CHECK (overdraft_limit BETWEEN 0 AND {MAX}),
    CONSTRAINT wallet_max_balance_in_range CHECK (max_balance BETWEEN 0 AND {MAX}),
    CONSTRAINT wallet_funds_suffice CHECK (balance - held + overdraft_limit >= 0),
    CONSTRAINT wallet_of_system_has_no_balance CHECK (
        (account_id IS NULL) = (balance IS NULL) AND (account_id IS NULL) = (wallet_version IS NULL)
    )
) WITH (fillfactor = 60);

CREATE TABLE transaction (
    id          uuid        NOT NULL CONSTRAINT transaction_pkey PRIMARY KEY,
    reverses    uuid        CONSTRAINT transaction_reverses_fkey REFERENCES transaction (id),
    created_at  timestamptz NOT NULL,
    type        text        NOT NULL,
    actor       text        NOT NULL,
    request_id  text        NOT NULL,
    reference   text,
    description text,
    metadata    jsonb       NOT NULL DEFAULT '{{}}'::jsonb,
    CONSTRAINT transaction_type_known CHECK (type IN ('replenishment', 'transfer'))
);
CREATE UNIQUE INDEX transaction_reference_key ON transaction (reference) WHERE reference IS NOT NULL;

-- No foreign keys here: posting_add_up below checks all references of a statement at once.
CREATE TABLE posting (
    transaction_id uuid        NOT NULL,
    wallet_id      uuid        NOT NULL,
    amount         bigint      NOT NULL,
    balance_after  bigint,
    wallet_version bigint,
    created_at     timestamptz NOT NULL,
    leg            smallint    NOT NULL,
    currency       text        NOT NULL,
    CONSTRAINT posting_pkey PRIMARY KEY (transaction_id, leg),
    CONSTRAINT posting_wallet_id_wallet_version_key UNIQUE (wallet_id, wallet_version),
    CONSTRAINT posting_amount_in_range CHECK (amount <> 0 AND amount BETWEEN -{MAX} AND {MAX}),
    CONSTRAINT posting_has_balance_and_version_or_neither CHECK (
        (balance_after IS NULL) = (wallet_version IS NULL)
    )
);
CREATE INDEX posting_wallet_id_created_at_idx ON posting (wallet_id, created_at, wallet_version);

CREATE TABLE idempotency_key (
    scope          text        NOT NULL,
    key            text        NOT NULL,
    fingerprint    bytea       NOT NULL,
    transaction_id uuid,
    outcome        json, -- not jsonb, which would give the keys of a kept answer in another order
    created_at     timestamptz NOT NULL,
    CONSTRAINT idempotency_key_pkey PRIMARY KEY (scope, key),
    CONSTRAINT idempotency_key_has_one_outcome CHECK ((transaction_id IS NULL) <> (outcome IS NULL))
);
"""

# The plans of this function are made once for each connection, often while the tables are still empty:
# what is switched off keeps them on the primary keys when the tables have grown.
POSTINGS_ADD_UP = """
CREATE FUNCTION posting_add_up() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM new_posting GROUP BY transaction_id, currency HAVING sum(amount) <> 0
    ) THEN
        RAISE EXCEPTION 'the postings of a transaction must sum to zero in each currency'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_add_up', TABLE = 'posting';
    END IF;
    IF EXISTS (
        SELECT FROM new_posting p
        LEFT JOIN transaction t ON t.id = p.transaction_id
        LEFT JOIN wallet w ON w.id = p.wallet_id
        WHERE t.created_at IS DISTINCT FROM p.created_at
           OR t.xmin <> pg_current_xact_id()::xid -- nothing is added to an older transaction
           OR w.currency IS DISTINCT FROM p.currency
           OR (w.account_id IS NULL) <> (p.wallet_version IS NULL)
    ) THEN
        RAISE EXCEPTION 'a posting needs its transaction and its wallet, with their time and currency'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'posting_references', TABLE = 'posting';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER posting_add_up AFTER INSERT ON posting
REFERENCING NEW TABLE AS new_posting FOR EACH STATEMENT EXECUTE FUNCTION posting_add_up();
"""

APPEND_ONLY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'no % on %: what is written stays, corrections are new transactions',
        TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'append_only', TABLE = TG_TABLE_NAME;
END
$$;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(POSTINGS_ADD_UP)
    op.execute(APPEND_ONLY)
    for table in ("transaction", "posting", "idempotency_key"):
        op.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER wallet_stays BEFORE DELETE OR TRUNCATE"
        " OR UPDATE OF id, account_id, currency, created_at ON wallet"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
