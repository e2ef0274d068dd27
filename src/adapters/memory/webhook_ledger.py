"""What the in-memory ledger knows about webhooks."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.books import Books
from domain.circuit import Circuit
from domain.webhook_delivery import Attempt, Delivery
from domain.webhook_endpoint import WebhookEndpoint


@dataclass(slots=True, kw_only=True)
class WebhookLedger:
    """`positions` are the last events that have become deliveries; a lease ends what is on its way."""

    endpoints: dict[UUID, WebhookEndpoint] = field(default_factory=dict)
    positions: dict[UUID, int] = field(default_factory=dict)
    circuits: dict[UUID, Circuit] = field(default_factory=dict)
    deliveries: dict[UUID, Delivery] = field(default_factory=dict)
    leases: dict[UUID, datetime] = field(default_factory=dict)
    attempts: dict[UUID, list[Attempt]] = field(default_factory=dict)

    def endpoints_of(self, ids: Iterable[UUID]) -> dict[UUID, WebhookEndpoint]:
        """Those that exist."""
        return {id: self.endpoints[id] for id in ids if id in self.endpoints}

    def deliveries_of(self, ids: Iterable[UUID]) -> dict[UUID, Delivery]:
        """Those that exist."""
        return {id: self.deliveries[id] for id in ids if id in self.deliveries}

    def publish(self, books: Books, last_event: int) -> None:
        """Take over what a batch has written."""
        self.endpoints.update(books.written_endpoints)
        self.deliveries.update(books.written_deliveries)
        for id in books.started_endpoints:
            self.positions[id] = last_event
            self.circuits[id] = Circuit()
