"""Queries about webhooks on the in-memory ledger."""

from itertools import islice
from uuid import UUID

from adapters.memory.ledger import Ledger
from adapters.memory.queries import newest_first
from domain.errors import WebhookDeliveryNotFound, WebhookEndpointNotFound
from domain.webhook_delivery import Attempt, Delivery, DeliveryStatus
from domain.webhook_endpoint import WebhookEndpoint
from service_layer.webhook_queries import ATTEMPTS_SHOWN_MAX


class MemoryWebhooks:
    """Takes the ledger's lock for a moment."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._webhooks = ledger.webhooks

    def endpoint(self, endpoint_id: UUID) -> WebhookEndpoint:
        with self._ledger.lock:
            found = self._webhooks.endpoints.get(endpoint_id)
        if found is None:
            raise WebhookEndpointNotFound(f"There is no webhook endpoint {endpoint_id}.")
        return found

    def endpoints(self, *, before: UUID | None, limit: int) -> list[WebhookEndpoint]:
        with self._ledger.lock:
            found = list(self._webhooks.endpoints.values())
        return newest_first(found, lambda endpoint: endpoint.id, before, limit)

    def deliveries(
        self,
        endpoint_id: UUID,
        *,
        status: DeliveryStatus | None,
        before: int | None,
        limit: int,
    ) -> list[Delivery]:
        self.endpoint(endpoint_id)
        with self._ledger.lock:
            found = [
                delivery
                for delivery in self._webhooks.deliveries.values()
                if delivery.endpoint_id == endpoint_id
                and (status is None or delivery.status is status)
                and (before is None or delivery.event_number < before)
            ]
        return sorted(found, key=lambda it: it.event_number, reverse=True)[:limit]

    def delivery(self, delivery_id: UUID) -> Delivery:
        with self._ledger.lock:
            found = self._webhooks.deliveries.get(delivery_id)
        if found is None:
            raise WebhookDeliveryNotFound(f"There is no webhook delivery {delivery_id}.")
        return found

    def attempts(self, delivery_id: UUID) -> list[Attempt]:
        with self._ledger.lock:
            newest = reversed(self._webhooks.attempts.get(delivery_id, []))
            return list(islice(newest, ATTEMPTS_SHOWN_MAX))
