"""What was there before the limits of wallets is checked, in a transaction of its own."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("ALTER TABLE wallet VALIDATE CONSTRAINT wallet_keeps_to_its_max_balance")
    op.execute("ALTER TABLE wallet VALIDATE CONSTRAINT wallet_is_empty_when_closed")
