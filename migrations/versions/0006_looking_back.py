"""Indexes for lists of transactions: by time, by type, by metadata.

Each takes a second or two for a million transactions, in which none can be posted. To have them built
while the service posts, build them beforehand with CREATE INDEX CONCURRENTLY under these names: what is
there, complete, is left alone.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

# What a concurrent build that failed has left behind is no index.
REMOVE_HALVES = """
DO $$
DECLARE half regclass;
BEGIN
    FOR half IN
        SELECT indexrelid FROM pg_index
        WHERE indrelid = 'transaction'::regclass AND NOT indisvalid
    LOOP
        EXECUTE format('DROP INDEX %s', half);
    END LOOP;
END
$$;
"""
INDEXES = (
    "transaction_created_at_idx ON transaction (created_at, id)",
    # Transfers are what there is most of: they are found along time, and pay for one index entry, not two.
    "transaction_type_idx ON transaction (type, created_at, id) WHERE type <> 'transfer'",
    "transaction_metadata_idx ON transaction USING gin (metadata jsonb_path_ops) WHERE metadata <> '{}'",
)


def upgrade() -> None:
    op.execute(REMOVE_HALVES)
    # It may take longer than the money road is ever given.
    op.execute("SET LOCAL statement_timeout = 0")
    for index in INDEXES:
        op.execute(f"CREATE INDEX IF NOT EXISTS {index}")
