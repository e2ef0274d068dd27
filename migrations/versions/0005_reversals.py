"""Reversals are found from their originals."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE transaction
            ADD CONSTRAINT transaction_reversal_names_its_original CHECK (
                (type = 'reversal') = (reverses IS NOT NULL)
            );
        CREATE INDEX transaction_reverses_idx ON transaction (reverses, id)
            WHERE reverses IS NOT NULL;
        """
    )
