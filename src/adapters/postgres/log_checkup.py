"""Examines whether the books were verified lately, whether the log keeps up with the payments."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from adapters.postgres.log_tables import verification
from service_layer.checkup import Check, Checks, fail, ok, warn

VERIFIED_DAYS_MAX = 7
LAG_MAX = timedelta(minutes=10)
LOOKED_AT_MAX = 1000

LAST_VERIFICATION = (
    sa.select(verification.c.started_at, verification.c.findings)
    .order_by(verification.c.id.desc())
    .limit(1)
)
# What was written since the sequencer's last look, or is numbered and not sealed: the oldest of the first.
WAITING = sa.text("""
    SELECT min(created_at) FROM (
        SELECT created_at FROM transaction
        WHERE written_in >= coalesce(
            (SELECT pg_snapshot_xmax(snapshot::pg_snapshot)::text::bigint FROM sequencer
             WHERE server = (SELECT system_identifier::text FROM pg_control_system())), 0)
        ORDER BY written_in LIMIT :at_most
    ) AS unnumbered
""")
UNSEALED = sa.text("""
    SELECT min(t.created_at) FROM transaction_number n JOIN transaction t ON t.id = n.transaction_id
    WHERE n.number = (SELECT coalesce(max(tree_size), 0) + 1 FROM seal)
""")


def check_log(connection: sa.Connection, now: datetime) -> Checks:
    """Both checks."""
    yield _check_verification(connection, now)
    yield _check_seals(connection, now)


def _check_verification(connection: sa.Connection, now: datetime) -> Check:
    last = connection.execute(LAST_VERIFICATION).one_or_none()
    advice = "let payments verify run every night"
    if last is None:
        return warn("verification", "the books were never verified", advice)
    days = (now - last.started_at).days
    if last.findings:
        said = f"{last.findings} findings {days} days ago"
        return fail(
            "verification", said, "run payments verify, and do not serve before it is clean"
        )
    if days > VERIFIED_DAYS_MAX:
        return warn("verification", f"the last one was {days} days ago", advice)
    return ok("verification", f"the books added up {days} days ago")


def _check_seals(connection: sa.Connection, now: datetime) -> Check:
    waiting = [
        connection.scalar(WAITING, {"at_most": LOOKED_AT_MAX}),
        connection.scalar(UNSEALED),
    ]
    lag = max((now - each for each in waiting if each is not None), default=timedelta(0))
    if lag > LAG_MAX:
        said = f"a transaction waits for its seal since {lag.total_seconds() / 60:.0f} min"
        advice = "see that payments serve or payments seal --every runs, and what it logs"
        return warn("seals", said, advice)
    return ok("seals", "the log keeps up with the payments")
