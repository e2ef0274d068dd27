"""Every type of transaction that the interface names; how a split was allocated."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE transaction
            ADD COLUMN allocation jsonb,
            DROP CONSTRAINT transaction_type_known,
            ADD CONSTRAINT transaction_type_known CHECK (
                type IN ('replenishment', 'withdrawal', 'transfer', 'capture', 'reversal', 'split',
                         'conversion', 'journal')
            ),
            ADD CONSTRAINT transaction_split_has_allocation CHECK (
                (type = 'split') = (allocation IS NOT NULL)
            );
        """
    )
