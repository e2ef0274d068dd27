"""Webhooks on the money road: what is read becomes values, what is new in the books becomes columns."""

from typing import Any

from adapters.postgres.arrays import id_array, json_array, plain_array, text_array
from adapters.postgres.hold_rows import Statement
from domain.books import Books
from domain.webhook_delivery import Delivery, DeliveryStatus
from domain.webhook_endpoint import EndpointStatus, WebhookEndpoint

# A batch without webhooks sends none of these. Workers write neither of the two tables while they wait.
LOCK_ENDPOINTS = """
PREPARE lock_endpoints (uuid[]) AS
SELECT id, url, event_types, description, status, version, secret, previous_secret,
       previous_secret_until, created_at, updated_at
FROM webhook_endpoint WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE
"""

COUNT_ENDPOINTS = """
PREPARE count_endpoints AS SELECT count(*) FROM webhook_endpoint
"""

LOCK_DELIVERIES = """
PREPARE lock_deliveries (uuid[]) AS
SELECT id, endpoint_id, event_number, event_type, status, attempts, next_attempt_at, give_up_at,
       created_at, finished_at
FROM webhook_delivery WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE
"""

PUT_ENDPOINTS = """
PREPARE put_endpoints
    (uuid[], text[], json[], text[], text[], bigint[], text[], text[], timestamptz[], timestamptz[],
     timestamptz[]) AS
INSERT INTO webhook_endpoint
    (id, url, event_types, description, status, version, secret, previous_secret,
     previous_secret_until, created_at, updated_at)
SELECT id, url, ARRAY(SELECT json_array_elements_text(event_types)), description, status, version,
       secret, previous_secret, previous_secret_until, created_at, updated_at
FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS new
    (id, url, event_types, description, status, version, secret, previous_secret,
     previous_secret_until, created_at, updated_at)
ON CONFLICT (id) DO UPDATE
SET url = excluded.url, event_types = excluded.event_types, description = excluded.description,
    status = excluded.status, version = excluded.version, secret = excluded.secret,
    previous_secret = excluded.previous_secret,
    previous_secret_until = excluded.previous_secret_until, updated_at = excluded.updated_at
"""

START_ENDPOINTS = """
PREPARE start_endpoints (uuid[]) AS
INSERT INTO webhook_progress (endpoint_id, event_number)
SELECT id, (SELECT coalesce(max(number), 0) FROM event_number) FROM unnest($1) AS new (id)
ON CONFLICT (endpoint_id) DO UPDATE
SET event_number = excluded.event_number, failures = 0, paused_until = NULL
"""

UPDATE_DELIVERIES = """
PREPARE update_deliveries (uuid[], text[], timestamptz[], timestamptz[], timestamptz[]) AS
UPDATE webhook_delivery
SET status = new.status, next_attempt_at = new.next_attempt_at, give_up_at = new.give_up_at,
    finished_at = new.finished_at
FROM unnest($1, $2, $3, $4, $5) AS new (id, status, next_attempt_at, give_up_at, finished_at)
WHERE webhook_delivery.id = new.id
"""

ALL = (
    LOCK_ENDPOINTS,
    COUNT_ENDPOINTS,
    LOCK_DELIVERIES,
    PUT_ENDPOINTS,
    START_ENDPOINTS,
    UPDATE_DELIVERIES,
)


def endpoint_from_row(row: Any) -> WebhookEndpoint:
    """In the order of the columns of `lock_endpoints`."""
    return WebhookEndpoint(
        id=row[0],
        url=row[1],
        event_types=tuple(row[2]),
        description=row[3],
        status=EndpointStatus(row[4]),
        version=row[5],
        secret=row[6],
        previous_secret=row[7],
        previous_secret_until=row[8],
        created_at=row[9],
        updated_at=row[10],
    )


def delivery_from_row(row: Any) -> Delivery:
    """In the order of the columns of `lock_deliveries`."""
    return Delivery(
        id=row[0],
        endpoint_id=row[1],
        event_number=row[2],
        event_type=row[3],
        status=DeliveryStatus(row[4]),
        attempts=row[5],
        next_attempt_at=row[6],
        give_up_at=row[7],
        created_at=row[8],
        finished_at=row[9],
    )


def webhook_statements(books: Books) -> list[Statement]:
    """What is new or changed."""
    statements = []
    if books.written_endpoints:
        statements.append(_endpoints(books))
    if books.started_endpoints:
        ids = id_array(sorted(books.started_endpoints))
        statements.append(("EXECUTE start_endpoints (%s)", [ids]))
    if books.written_deliveries:
        statements.append(_deliveries(books))
    return statements


def _endpoints(books: Books) -> Statement:
    endpoints = books.written_endpoints.values()
    return "EXECUTE put_endpoints (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", [
        id_array(it.id for it in endpoints),
        text_array(it.url for it in endpoints),
        json_array(it.event_types for it in endpoints),
        text_array(it.description for it in endpoints),
        plain_array(it.status for it in endpoints),
        plain_array(it.version for it in endpoints),
        text_array(it.secret for it in endpoints),
        text_array(it.previous_secret for it in endpoints),
        plain_array(it.previous_secret_until for it in endpoints),
        plain_array(it.created_at for it in endpoints),
        plain_array(it.updated_at for it in endpoints),
    ]


def _deliveries(books: Books) -> Statement:
    deliveries = books.written_deliveries.values()
    return "EXECUTE update_deliveries (%s, %s, %s, %s, %s)", [
        id_array(it.id for it in deliveries),
        plain_array(it.status for it in deliveries),
        plain_array(it.next_attempt_at for it in deliveries),
        plain_array(it.give_up_at for it in deliveries),
        plain_array(it.finished_at for it in deliveries),
    ]
