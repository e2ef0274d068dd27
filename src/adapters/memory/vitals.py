"""Vital signs of the in-memory ledger."""

from uuid import UUID

from adapters.memory.ledger import Ledger
from domain.circuit import FAILURES_MAX
from domain.webhook_delivery import DeliveryStatus
from domain.webhook_endpoint import EndpointStatus
from service_layer.vitals import WAITING_MAX, Backlog, Vitals


class MemoryVitals:
    """Counts what is in the lists."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def read(self) -> Vitals:
        ledger = self._ledger
        with ledger.lock:
            numbered = len(ledger.numbered)
            sealed = ledger.blocks[-1].seal.tree_size if ledger.blocks else 0
            return Vitals(
                backlogs=(
                    self._backlog("numbering", numbered),
                    self._backlog("sealing", sealed),
                    self._webhooks(),
                ),
                failing_endpoints=sum(map(self._is_failing, self._enabled())),
                dead_letters=min(self._dead_letters(), WAITING_MAX),
                verification=ledger.verifications[-1] if ledger.verifications else None,
            )

    def _enabled(self) -> set[UUID]:
        endpoints = self._ledger.webhooks.endpoints
        return {id for id, each in endpoints.items() if each.status is EndpointStatus.ENABLED}

    def _is_failing(self, endpoint_id: UUID) -> bool:
        return self._ledger.webhooks.circuits[endpoint_id].failures >= FAILURES_MAX

    def _dead_letters(self) -> int:
        deliveries = self._ledger.webhooks.deliveries.values()
        return sum(each.status is DeliveryStatus.DEAD for each in deliveries)

    def _webhooks(self) -> Backlog:
        """Events that were not made into deliveries; deliveries that were not tried, see PostgresVitals."""
        ledger, webhooks = self._ledger, self._ledger.webhooks
        enabled = self._enabled()
        waits = [
            event.created_at
            for id in enabled
            for event in ledger.committed[webhooks.positions[id] : ledger.events]
        ]
        waits += [
            each.created_at
            for each in webhooks.deliveries.values()
            if each.status is DeliveryStatus.PENDING
            and not each.attempts
            and each.endpoint_id in enabled
            and not self._is_failing(each.endpoint_id)
        ]
        return Backlog(
            name="webhooks",
            waiting=min(len(waits), WAITING_MAX),
            oldest_at=min(waits, default=None),
        )

    def _backlog(self, name: str, done: int) -> Backlog:
        """The ledger's transactions are in the order of their numbers."""
        transactions = self._ledger.transactions
        waiting = len(transactions) - done
        if not waiting:
            return Backlog(name=name, waiting=0, oldest_at=None)
        waits = [each.created_at for each in list(transactions.values())[done : done + WAITING_MAX]]
        return Backlog(name=name, waiting=len(waits), oldest_at=min(waits))
