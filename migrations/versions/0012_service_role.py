"""Lets the role that serves take turns at an original, which only the owner of the tables may lock."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    # FOR NO KEY UPDATE needs a right to UPDATE, which nobody who serves has on transaction.
    op.execute(
        "ALTER FUNCTION transaction_takes_back() SECURITY DEFINER SET search_path FROM CURRENT"
    )
