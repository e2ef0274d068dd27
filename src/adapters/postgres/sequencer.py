"""Numbers what is committed, in the order in which it became visible: transactions, audit entries between.

A transaction gets a number in the log, which is sealed; it gets another as an event, in the same pass.

How it finds those without a number among millions: each row has in `written_in` the id of the
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
# in its order. A change has the time after the last posting that it came after, so that at the same time it
# comes first. What the log has numbered before keeps its order. The cursor is held over the end of the
# database transaction, so that each part commits by itself.
DECLARE = """
DECLARE unnumbered NO SCROLL CURSOR WITH HOLD FOR
SELECT transaction_id, audit_entry_id FROM (
    SELECT t.id AS transaction_id, NULL::bigint AS audit_entry_id, t.created_at, logged.number
    FROM transaction t LEFT JOIN transaction_number logged ON logged.transaction_id = t.id
    WHERE {since}
      AND NOT EXISTS (SELECT FROM event_number e WHERE e.transaction_id = t.id)
    UNION ALL
    SELECT NULL, t.id, t.created_at, NULL FROM audit_entry t
    WHERE {since}
      AND NOT EXISTS (SELECT FROM event_number e WHERE e.audit_entry_id = t.id)
) AS new
ORDER BY number NULLS LAST, created_at, transaction_id NULLS FIRST, audit_entry_id
"""
SINCE = "(t.written_in >= :next OR t.written_in = ANY (CAST(:open AS bigint[])))"

# Ids of database transactions mean nothing on another server (after a dump was restored, say). Row 1 is of
# earlier versions, which numbered transactions alone.
KNOWN_SINCE = """
SELECT pg_snapshot_xmax(snapshot::pg_snapshot)::text::bigint AS next,
       ARRAY(SELECT open::text::bigint FROM pg_snapshot_xip(snapshot::pg_snapshot) AS open) AS open
FROM sequencer WHERE id = 2 AND server = :server
"""
SERVER = "SELECT system_identifier::text FROM pg_control_system()"
LOOK_UP = """
SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off
"""
NEW = """
unnest(CAST(:transactions AS uuid[]), CAST(:entries AS bigint[]))
    WITH ORDINALITY AS new (transaction_id, audit_entry_id, place)
"""
NUMBER_TRANSACTIONS = f"""
INSERT INTO transaction_number (number, transaction_id)
SELECT last.number + row_number() OVER (ORDER BY new.place), new.transaction_id
FROM {NEW}, (SELECT coalesce(max(number), 0) AS number FROM transaction_number) AS last
WHERE new.transaction_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM transaction_number n WHERE n.transaction_id = new.transaction_id)
"""  # noqa: S608 - both texts are ours
NUMBER_EVENTS = f"""
INSERT INTO event_number (number, transaction_id, audit_entry_id)
SELECT last.number + new.place, new.transaction_id, new.audit_entry_id
FROM {NEW}, (SELECT coalesce(max(number), 0) AS number FROM event_number) AS last
"""  # noqa: S608 - both texts are ours
REMEMBER = """
INSERT INTO sequencer (id, server, snapshot) VALUES (2, :server, :snapshot)
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
    server, snapshot, is_first = _look(connection)
    count = seen = 0
    while found := _next(connection):
        new = {
            "transactions": [row.transaction_id and str(row.transaction_id) for row in found],
            "entries": [row.audit_entry_id for row in found],
        }
        count += connection.execute(sa.text(NUMBER_TRANSACTIONS), new).rowcount
        connection.execute(sa.text(NUMBER_EVENTS), new)
        connection.commit()
        seen += len(found)
    connection.execute(sa.text("CLOSE unnumbered"))
    if (
        seen or is_first
    ):  # else the older snapshot says the same: nothing is written where nothing happens
        connection.execute(sa.text(REMEMBER), {"server": server, "snapshot": snapshot})
    connection.commit()
    return count


def _look(connection: sa.Connection) -> tuple[str, str, bool]:
    """Fill the cursor with what has no number; gives the server's name, the snapshot that it saw, and whether
    it is the first on this server."""
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
    return server, snapshot, last is None


def _next(connection: sa.Connection) -> list[sa.Row[Any]]:
    return list(connection.execute(sa.text(f"FETCH {NUMBERED_AT_ONCE} FROM unnumbered")))
