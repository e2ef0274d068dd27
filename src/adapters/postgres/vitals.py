"""Vital signs of the books in PostgreSQL: a question that takes a moment at most."""

from typing import Any

import sqlalchemy as sa

from adapters.postgres.reader import Reader
from service_layer.verification import Verification
from service_layer.vitals import WAITING_MAX, Backlog, Vitals

# One row for each backlog: add a branch for another. `numbering` looks where the sequencer will look next
# (see there): at writers that were open when it looked last, then at all that came since. What has no number
# waits for its seal as well. Of `webhooks` only those count that were never tried: an endpoint that is away
# for days is no fault of the service.
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
), unsent AS (
    SELECT created_at FROM webhook_delivery WHERE status = 'pending' AND attempts = 0
    ORDER BY created_at LIMIT {WAITING_MAX}
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
SELECT 'webhooks', count(*), min(created_at) FROM unsent
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
        found = self._rows(sa.text(VERIFICATION))
        return Vitals(
            backlogs=tuple(map(_backlog, backlogs)),
            verification=Verification(**found[0]._mapping) if found else None,
        )


def _backlog(row: Any) -> Backlog:
    name, waiting, oldest_at = row
    return Backlog(name=name, waiting=min(waiting, WAITING_MAX), oldest_at=oldest_at)
