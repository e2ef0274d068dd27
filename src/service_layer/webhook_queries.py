"""The port of queries about webhooks: read-only, without locks or a unit of work."""

from typing import Protocol
from uuid import UUID

from domain.webhook_delivery import Attempt, Delivery, DeliveryStatus
from domain.webhook_endpoint import WebhookEndpoint

ATTEMPTS_SHOWN_MAX = 100


class WebhookQueries(Protocol):
    """Lists are newest first."""

    def endpoint(self, endpoint_id: UUID) -> WebhookEndpoint:
        """WebhookEndpointNotFound."""

    def endpoints(self, *, before: UUID | None, limit: int) -> list[WebhookEndpoint]:
        """All of them, before the one with that id."""

    def deliveries(
        self,
        endpoint_id: UUID,
        *,
        status: DeliveryStatus | None,
        before: int | None,
        limit: int,
    ) -> list[Delivery]:
        """Those to one endpoint, before the event of that number; WebhookEndpointNotFound."""

    def delivery(self, delivery_id: UUID) -> Delivery:
        """WebhookDeliveryNotFound."""

    def attempts(self, delivery_id: UUID) -> list[Attempt]:
        """What came of its last ATTEMPTS_SHOWN_MAX attempts, the newest first.

        An attempt whose process was killed has begun, and nothing came of it.
        """
