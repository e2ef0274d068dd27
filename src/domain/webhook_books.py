"""What a batch reads about webhooks, with what it writes about them."""

from dataclasses import dataclass, field
from uuid import UUID

from domain.errors import WebhookDeliveryNotFound, WebhookEndpointNotFound
from domain.webhook_delivery import Delivery
from domain.webhook_endpoint import WebhookEndpoint


@dataclass(slots=True, kw_only=True)
class WebhookBooks:
    """Read under locks: endpoints, deliveries that commands have named, how many endpoints there are."""

    endpoints: dict[UUID, WebhookEndpoint] = field(default_factory=dict)
    endpoint_count: int = 0
    deliveries: dict[UUID, Delivery] = field(default_factory=dict)
    written_endpoints: dict[UUID, WebhookEndpoint] = field(default_factory=dict)
    started_endpoints: set[UUID] = field(default_factory=set)
    written_deliveries: dict[UUID, Delivery] = field(default_factory=dict)

    def copy(self) -> "WebhookBooks":
        """What is written in the copy is not written here."""
        return WebhookBooks(
            endpoints=self.endpoints.copy(),
            endpoint_count=self.endpoint_count,
            deliveries=self.deliveries.copy(),
            written_endpoints=self.written_endpoints.copy(),
            started_endpoints=self.started_endpoints.copy(),
            written_deliveries=self.written_deliveries.copy(),
        )

    def endpoint(self, endpoint_id: UUID) -> WebhookEndpoint:
        """The endpoint as this batch has left it; WebhookEndpointNotFound."""
        found = self.endpoints.get(endpoint_id)
        if found is None:
            raise WebhookEndpointNotFound(f"There is no webhook endpoint {endpoint_id}.")
        return found

    def write_endpoint(self, endpoint: WebhookEndpoint, *, starts: bool = False) -> None:
        """Enter an endpoint, new or changed; when it `starts`, it gets what happens from now on."""
        self.endpoint_count += endpoint.id not in self.endpoints
        self.endpoints[endpoint.id] = self.written_endpoints[endpoint.id] = endpoint
        if starts:
            self.started_endpoints.add(endpoint.id)

    def delivery(self, delivery_id: UUID) -> Delivery:
        """The delivery as this batch has left it; WebhookDeliveryNotFound."""
        found = self.deliveries.get(delivery_id)
        if found is None:
            raise WebhookDeliveryNotFound(f"There is no webhook delivery {delivery_id}.")
        return found

    def write_delivery(self, delivery: Delivery) -> None:
        """Enter a delivery that has changed."""
        self.deliveries[delivery.id] = self.written_deliveries[delivery.id] = delivery
