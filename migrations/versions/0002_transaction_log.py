"""The log of committed transactions: their numbers, the seals over them, what verifications found.

`transaction.written_in` is the database transaction (its 64-bit id) that wrote the row: with a snapshot it
tells which rows have become visible since, whatever their ids or times. A stable default is no rewrite of the
table: the rows that are already there have this migration's.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = """
ALTER TABLE transaction
    ADD COLUMN written_in bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint;
CREATE INDEX transaction_written_in_idx ON transaction (written_in);

CREATE TABLE transaction_number (
    number         bigint NOT NULL CONSTRAINT transaction_number_pkey PRIMARY KEY,
    transaction_id uuid   NOT NULL
        CONSTRAINT transaction_number_transaction_id_key UNIQUE,
    CONSTRAINT transaction_number_is_positive CHECK (number > 0)
);

-- One row: all that was committed in the view of this snapshot has its number.
CREATE TABLE sequencer (
    id       smallint NOT NULL DEFAULT 1 CONSTRAINT sequencer_pkey PRIMARY KEY,
    server   text     NOT NULL,
    snapshot text     NOT NULL,
    CONSTRAINT sequencer_is_one CHECK (id = 1)
);

CREATE TABLE seal (
    block         bigint      NOT NULL CONSTRAINT seal_pkey PRIMARY KEY,
    first_number  bigint      NOT NULL,
    tree_size     bigint      NOT NULL CONSTRAINT seal_tree_size_key UNIQUE,
    sealed_at     timestamptz NOT NULL,
    root          bytea       NOT NULL,
    previous_hash bytea       NOT NULL,
    hash          bytea       NOT NULL,
    peaks         bytea       NOT NULL, -- the complete subtrees of the tree so far, the largest first
    leaves        bytea       NOT NULL, -- the leaf hashes of this block
    CONSTRAINT seal_has_its_leaves CHECK (
        block > 0 AND first_number > 0 AND tree_size >= first_number
        AND octet_length(leaves) = 32 * (tree_size - first_number + 1)
    ),
    CONSTRAINT seal_hashes_are_sha_256 CHECK (
        octet_length(root) = 32 AND octet_length(previous_hash) = 32 AND octet_length(hash) = 32
    )
);
-- Hashes cannot be compressed; kept as they are, a part of them can be read alone.
ALTER TABLE seal ALTER COLUMN leaves SET STORAGE EXTERNAL;

CREATE TABLE seal_subtree (
    level    smallint NOT NULL,
    position bigint   NOT NULL,
    hash     bytea    NOT NULL,
    CONSTRAINT seal_subtree_pkey PRIMARY KEY (level, position),
    CONSTRAINT seal_subtree_hash_is_sha_256 CHECK (octet_length(hash) = 32)
);

CREATE TABLE verification (
    id           bigint      NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT verification_pkey PRIMARY KEY,
    started_at   timestamptz NOT NULL,
    duration_ms  bigint      NOT NULL,
    quick        boolean     NOT NULL,
    transactions bigint      NOT NULL,
    postings     bigint      NOT NULL,
    wallets      bigint      NOT NULL,
    sealed       bigint      NOT NULL,
    findings     bigint      NOT NULL
);
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("transaction_number", "seal", "seal_subtree", "verification"):
        op.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
