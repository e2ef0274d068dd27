"""Vital signs of the books in PostgreSQL: a question that takes a moment at most."""

from typing import Any

import sqlalchemy as sa

from adapters.postgres.reader import Reader
from domain.circuit import FAILURES_MAX
from service_layer.verification import Verification
from service_layer.vitals import WAITING_MAX, Backlog, Vitals

# One row for each backlog: add a branch for another. `numbering` looks where the sequencer will look next
# (see there): at writers that were open when it looked last, then at all that came since. What has no number
# waits for its seal as well. For `webhooks` wait events that were not made into deliveries, and deliveries
# that were not tried; not those to an endpoint that fails: one that is away is no fault of the service.
BACKLOGS = f"""
WITH known AS (
    SELECT pg_snapshot_xmax(snapshot::pg_snapshot)::text::bigint AS next,
           ARRAY(SELECT open::text::bigint FROM pg_snapshot_xip(snapshot::pg_snapshot) AS open) AS open
    FROM sequencer WHERE id = 2
), unnumbered AS (
    (SELECT t.created_at FROM transaction t
     WHERE t.written_in = ANY ((SELECT open FROM known)::bigint[])
       AND NOT EXISTS (SELECT FROM transaction_number n WHERE n.transaction_id = t.id)
     LIMIT {WAITING_MAX})
    UNION ALL
    (SELECT t.created_at FROM transaction t
     WHERE t.written_in >= coalesce((SELECT next FROM known), 0)
       AND NOT EXISTS (SELECT FROM transaction_number n WHERE n.transaction_id = t.id)
     ORDER BY t.written_in LIMIT {WAITING_MAX})
), unsealed AS (
    SELECT n.transaction_id FROM transaction_number n
    WHERE n.number > (SELECT coalesce(max(tree_size), 0) FROM seal)
    ORDER BY n.number LIMIT {WAITING_MAX}
), unmade AS (
    SELECT last.number - p.event_number AS waiting, coalesce(t.created_at, a.created_at) AS oldest_at
    FROM (SELECT coalesce(max(number), 0) AS number FROM event_number) AS last
    JOIN webhook_progress p ON p.event_number < last.number
    JOIN webhook_endpoint e ON e.id = p.endpoint_id AND e.status = 'enabled'
    JOIN event_number n ON n.number = p.event_number + 1
    LEFT JOIN transaction t ON t.id = n.transaction_id
    LEFT JOIN audit_entry a ON a.id = n.audit_entry_id
), unsent AS (
    SELECT d.created_at
    FROM webhook_progress p
    JOIN webhook_endpoint e ON e.id = p.endpoint_id AND e.status = 'enabled'
    JOIN webhook_delivery d
        ON d.endpoint_id = p.endpoint_id AND d.status = 'pending' AND d.attempts = 0
    WHERE p.failures < {FAILURES_MAX}
    ORDER BY d.created_at LIMIT {WAITING_MAX}
), webhooks AS (
    SELECT waiting, oldest_at FROM unmade UNION ALL SELECT 1, created_at FROM unsent
), numbering AS (
    SELECT count(*) AS waiting, min(created_at) AS oldest_at FROM unnumbered
), sealing AS (
    SELECT count(*) AS waiting, min(t.created_at) AS oldest_at
    FROM unsealed JOIN transaction t ON t.id = unsealed.transaction_id
)
SELECT 'numbering', waiting, oldest_at FROM numbering
UNION ALL
SELECT 'sealing', s.waiting + n.waiting, least(s.oldest_at, n.oldest_at)
FROM sealing s, numbering n
UNION ALL
SELECT 'webhooks', coalesce(sum(waiting), 0)::bigint, min(oldest_at) FROM webhooks
"""  # noqa: S608
WEBHOOKS = f"""
SELECT (SELECT count(*) FROM webhook_progress p JOIN webhook_endpoint e ON e.id = p.endpoint_id
        WHERE e.status = 'enabled' AND p.failures >= {FAILURES_MAX}) AS failing,
       (SELECT count(*) FROM (
            SELECT FROM webhook_delivery WHERE status = 'dead' LIMIT {WAITING_MAX}
        ) AS them) AS dead
"""  # noqa: S608
VERIFICATION = """
SELECT started_at, duration_ms, quick, transactions, postings, wallets, sealed, findings
FROM verification ORDER BY id DESC LIMIT 1
"""


class PostgresVitals:
    """Has a connection of its own: the readers may all be busy when somebody wants to know why."""

    def __init__(self, engine: sa.Engine) -> None:
        self._rows = Reader(engine).rows

    def read(self) -> Vitals:
        backlogs = self._rows(sa.text(BACKLOGS))
        (webhooks,) = self._rows(sa.text(WEBHOOKS))
        found = self._rows(sa.text(VERIFICATION))
        return Vitals(
            backlogs=tuple(map(_backlog, backlogs)),
            failing_endpoints=webhooks.failing,
            dead_letters=webhooks.dead,
            verification=Verification(**found[0]._mapping) if found else None,
        )


def _backlog(row: Any) -> Backlog:
    name, waiting, oldest_at = row
    return Backlog(name=name, waiting=min(waiting, WAITING_MAX), oldest_at=oldest_at)
