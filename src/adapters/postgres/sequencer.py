"""Numbers committed transactions, in the order in which they became visible.

How it finds those without a number among millions: each row of transaction has in `written_in` the id of the
database transaction that wrote it (a column's default: the posting road does not know of it). The
sequencer remembers the snapshot of its last pass. What has become visible since was written by one
that was open then (the snapshot lists these ids) or has begun since (its ids are higher): both are looked up
in an index, however long a writer was open, and whatever ids and times its rows have. The oldest open
writer of the server, which may be of another database, holds nothing up.
"""

from typing import Any

import sqlalchemy as sa

from adapters.postgres.operator import for_operator

ADVISORY_LOCK = 7_305_803_915_410_002
NUMBERED_AT_ONCE = 10_000

# In the order of their times, which never run backwards within a wallet: a wallet's transactions are numbered
# in its order. Held over the end of the database transaction, so that each part commits by itself.
DECLARE = """
DECLARE unnumbered NO SCROLL CURSOR WITH HOLD FOR
SELECT t.id FROM transaction t
WHERE {since}
  AND NOT EXISTS (SELECT FROM transaction_number n WHERE n.transaction_id = t.id)
ORDER BY t.created_at, t.id
"""
SINCE = "(t.written_in >= :next OR t.written_in = ANY (CAST(:open AS bigint[])))"

# Ids of database transactions mean nothing on another server (after a dump was restored, say).
KNOWN_SINCE = """
SELECT pg_snapshot_xmax(snapshot::pg_snapshot)::text::bigint AS next,
       ARRAY(SELECT open::text::bigint FROM pg_snapshot_xip(snapshot::pg_snapshot) AS open) AS open
FROM sequencer WHERE server = :server
"""
SERVER = "SELECT system_identifier::text FROM pg_control_system()"
LOOK_UP = """
SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off
"""
NUMBER = """
INSERT INTO transaction_number (number, transaction_id)
SELECT last.number + new.ordinality, new.id
FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS new (id, ordinality),
     (SELECT coalesce(max(number), 0) AS number FROM transaction_number) AS last
"""
REMEMBER = """
INSERT INTO sequencer (server, snapshot) VALUES (:server, :snapshot)
ON CONFLICT (id) DO UPDATE SET server = excluded.server, snapshot = excluded.snapshot
"""


class PostgresSequencer:
    """Needs a connection of its own while it numbers."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def number_committed(self) -> int:
        # Of the session, taken before the snapshot: what the last holder has committed is seen.
        with for_operator(), self._engine.connect() as connection:
            lock = {"lock": ADVISORY_LOCK}
            mine = connection.execute(sa.text("SELECT pg_try_advisory_lock(:lock)"), lock).scalar()
            connection.commit()
            if not mine:
                return 0
            try:
                return _number(connection)
            finally:
                connection.rollback()
                connection.execute(sa.text("SELECT pg_advisory_unlock(:lock)"), lock)
                connection.commit()


def _number(connection: sa.Connection) -> int:
    server, snapshot = _look(connection)
    count = 0
    while ids := _next(connection):
        connection.execute(sa.text(NUMBER), {"ids": ids})
        connection.commit()
        count += len(ids)
    connection.execute(sa.text("CLOSE unnumbered"))
    connection.execute(sa.text(REMEMBER), {"server": server, "snapshot": snapshot})
    connection.commit()
    return count


def _look(connection: sa.Connection) -> tuple[str, str]:
    """Fill the cursor with what has no number; gives the server's name, and the snapshot that it saw."""
    connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    server: str = connection.execute(sa.text(SERVER)).scalar_one()
    snapshot: str = connection.execute(sa.text("SELECT pg_current_snapshot()::text")).scalar_one()
    last = connection.execute(sa.text(KNOWN_SINCE), {"server": server}).one_or_none()
    values: dict[str, Any] = {} if last is None else dict(last._mapping)
    since = "true" if last is None else SINCE
    if last is not None:
        # The statistics know nothing of what is newest: it is looked up, never searched for.
        connection.execute(sa.text(LOOK_UP))
    connection.execute(sa.text(DECLARE.format(since=since)), values)
    connection.commit()
    return server, snapshot


def _next(connection: sa.Connection) -> list[str]:
    fetched = connection.execute(sa.text(f"FETCH {NUMBERED_AT_ONCE} FROM unnumbered"))
    return [str(row[0]) for row in fetched]
