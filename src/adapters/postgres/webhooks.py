"""Queries about webhooks on PostgreSQL."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from adapters.postgres.reader import Reader
from adapters.postgres.webhook_rows import delivery_from_row, endpoint_from_row
from adapters.postgres.webhook_tables import webhook_attempt, webhook_delivery, webhook_endpoint
from domain.errors import WebhookDeliveryNotFound, WebhookEndpointNotFound
from domain.webhook_delivery import Attempt, Delivery, DeliveryStatus
from domain.webhook_endpoint import WebhookEndpoint
from service_layer.webhook_queries import ATTEMPTS_SHOWN_MAX

ENDPOINT_COLUMNS = (
    *("id", "url", "event_types", "description", "status", "version", "secret"),
    *("previous_secret", "previous_secret_until", "created_at", "updated_at"),
)
DELIVERY_COLUMNS = (
    *("id", "endpoint_id", "event_number", "event_type", "status", "attempts"),
    *("next_attempt_at", "give_up_at", "created_at", "finished_at"),
)
ENDPOINTS = sa.select(*(webhook_endpoint.c[name] for name in ENDPOINT_COLUMNS))
DELIVERIES = sa.select(*(webhook_delivery.c[name] for name in DELIVERY_COLUMNS))
ATTEMPTS = (
    sa.select(webhook_attempt)
    .order_by(webhook_attempt.c.number.desc())
    .limit(ATTEMPTS_SHOWN_MAX)
    .where(webhook_attempt.c.delivery_id == sa.bindparam("id", type_=sa.Uuid))
)


class PostgresWebhooks:
    """Deliveries to an endpoint are in the order of their events."""

    def __init__(self, engine: sa.Engine) -> None:
        self._rows = Reader(engine).rows

    def endpoint(self, endpoint_id: UUID) -> WebhookEndpoint:
        found = self._rows(ENDPOINTS.where(webhook_endpoint.c.id == endpoint_id))
        if not found:
            raise WebhookEndpointNotFound(f"There is no webhook endpoint {endpoint_id}.")
        return endpoint_from_row(found[0])

    def endpoints(self, *, before: UUID | None, limit: int) -> list[WebhookEndpoint]:
        query = ENDPOINTS.order_by(webhook_endpoint.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(webhook_endpoint.c.id < before)
        return [endpoint_from_row(row) for row in self._rows(query)]

    def deliveries(
        self,
        endpoint_id: UUID,
        *,
        status: DeliveryStatus | None,
        before: int | None,
        limit: int,
    ) -> list[Delivery]:
        self.endpoint(endpoint_id)
        query = (
            DELIVERIES.where(webhook_delivery.c.endpoint_id == endpoint_id)
            .order_by(webhook_delivery.c.event_number.desc())
            .limit(limit)
        )
        if status is not None:
            # In the text of the query, so that the partial indexes are seen to fit.
            query = query.where(webhook_delivery.c.status == sa.literal_column(f"'{status}'"))
        if before is not None:
            query = query.where(webhook_delivery.c.event_number < before)
        return [delivery_from_row(row) for row in self._rows(query)]

    def delivery(self, delivery_id: UUID) -> Delivery:
        found = self._rows(DELIVERIES.where(webhook_delivery.c.id == delivery_id))
        if not found:
            raise WebhookDeliveryNotFound(f"There is no webhook delivery {delivery_id}.")
        return delivery_from_row(found[0])

    def attempts(self, delivery_id: UUID) -> list[Attempt]:
        return [_attempt(row) for row in self._rows(ATTEMPTS, id=delivery_id)]


def _attempt(row: sa.Row[Any]) -> Attempt:
    return Attempt(
        number=row.number,
        started_at=row.started_at,
        duration_ms=row.duration_ms,
        response_status=row.response_status,
        error=row.error,
    )
