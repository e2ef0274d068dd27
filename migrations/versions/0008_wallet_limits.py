"""Limits that the database defends itself: the most in a wallet, nothing in a closed one; reversals by time.

A constraint that is checked as it is added would keep payments waiting while all wallets are read; NOT VALID
holds for what comes from now on, and 0009 reads what is there while payments go on.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

LIMITS = """
ALTER TABLE wallet
    ADD CONSTRAINT wallet_keeps_to_its_max_balance CHECK (balance <= max_balance) NOT VALID,
    ADD CONSTRAINT wallet_is_empty_when_closed
        CHECK (status <> 'closed' OR balance = 0 AND held = 0) NOT VALID;
"""

# Lists of transactions are in the order of their times.
REVERSALS = """
CREATE INDEX transaction_reverses_created_at_id_idx ON transaction (reverses, created_at, id)
    WHERE reverses IS NOT NULL;
DROP INDEX transaction_reverses_idx;
"""


def upgrade() -> None:
    op.execute(LIMITS)
    op.execute(REVERSALS)
