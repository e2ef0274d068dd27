"""The sweep of expired holds on PostgreSQL."""

import sqlalchemy as sa

from adapters.postgres.operator import for_operator
from service_layer.ports import Clock

DUE = sa.text(
    "SELECT id, wallet_id FROM hold WHERE status = 'pending' AND expires_at <= :now"
    " ORDER BY expires_at LIMIT :limit"
)
LOCK = sa.text(
    "SELECT FROM wallet WHERE id = ANY (CAST(:wallet_ids AS uuid[])) ORDER BY id FOR NO KEY UPDATE"
)
# A payment may have noted some of them while the locks were waited for.
NOTE = sa.text("""
    WITH noted AS (
        UPDATE hold SET status = 'expired', updated_at = expires_at
        WHERE id = ANY (CAST(:ids AS uuid[])) AND status = 'pending'
        RETURNING wallet_id, amount - captured AS remaining, expires_at
    ), freed AS (
        SELECT wallet_id, sum(remaining) AS remaining, max(expires_at) AS last
        FROM noted GROUP BY wallet_id
    ), updated AS (
        UPDATE wallet SET held = held - freed.remaining, updated_at = greatest(updated_at, freed.last)
        FROM freed WHERE wallet.id = freed.wallet_id
    )
    SELECT count(*) FROM noted
""")
PATIENCE = sa.text("SET LOCAL lock_timeout = '2s'")


class PostgresHoldSweeper:
    """Each batch is a transaction of its own. OperatorError when the database says no."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def sweep(self, limit: int) -> int:
        with for_operator(), self._engine.connect() as connection:
            # What is noted must be what others have left, whatever the server's default is.
            connection.execution_options(isolation_level="READ COMMITTED")
            noted = self._sweep(connection, limit)
            connection.commit()
            return noted

    def _sweep(self, connection: sa.Connection, limit: int) -> int:
        connection.execute(PATIENCE)
        due = connection.execute(DUE, {"now": self._clock(), "limit": limit}).all()
        if not due:
            return 0
        connection.execute(LOCK, {"wallet_ids": [str(row.wallet_id) for row in due]})
        noted: int = connection.execute(NOTE, {"ids": [str(row.id) for row in due]}).scalar_one()
        return noted
