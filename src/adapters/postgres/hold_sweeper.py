"""The sweep of expired holds on PostgreSQL."""

import sqlalchemy as sa

from adapters.postgres.entry_rows import row_of_entry
from adapters.postgres.event_tables import audit_entry
from adapters.postgres.hold_queries import hold_of
from adapters.postgres.operator import for_operator
from service_layer.expire_holds import entry_of_expired
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
        RETURNING hold.*
    ), freed AS (
        SELECT wallet_id, sum(amount - captured) AS remaining, max(expires_at) AS last
        FROM noted GROUP BY wallet_id
    ), updated AS (
        UPDATE wallet SET held = held - freed.remaining, updated_at = greatest(updated_at, freed.last)
        FROM freed WHERE wallet.id = freed.wallet_id
    )
    SELECT * FROM noted ORDER BY expires_at, id
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
        now = self._clock()
        due = connection.execute(DUE, {"now": now, "limit": limit}).all()
        if not due:
            return 0
        connection.execute(LOCK, {"wallet_ids": [str(row.wallet_id) for row in due]})
        noted = connection.execute(NOTE, {"ids": [str(row.id) for row in due]}).all()
        entries = [row_of_entry(entry_of_expired(hold_of(row), now)) for row in noted]
        if entries:
            connection.execute(sa.insert(audit_entry), entries)
        return len(entries)
