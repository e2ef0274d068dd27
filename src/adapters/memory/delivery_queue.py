"""The queue of webhook deliveries on the in-memory ledger."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice, zip_longest
from uuid import UUID

from adapters.memory.ledger import Ledger
from domain.circuit import Circuit
from domain.event import Event
from domain.retry_schedule import GIVE_UP_AFTER
from domain.webhook_delivery import Attempt, Delivery, DeliveryStatus
from domain.webhook_endpoint import EndpointStatus, WebhookEndpoint
from service_layer.delivery_queue import (
    AT_ONCE_PER_ENDPOINT,
    DELIVERED_KEPT,
    EVENTS_AT_ONCE,
    LEASE,
    ON_ITS_WAY,
    TIDIED_AT_ONCE,
    Claimed,
)
from service_layer.disable_endpoint import entry_of_disabled
from service_layer.ports import NewId

PENDING, DELIVERED, DEAD = DeliveryStatus.PENDING, DeliveryStatus.DELIVERED, DeliveryStatus.DEAD


class MemoryDeliveryQueue:
    """Holds the ledger's lock for each step."""

    def __init__(self, ledger: Ledger, new_id: NewId) -> None:
        self._ledger = ledger
        self._new_id = new_id
        self._all = ledger.webhooks

    def fan_out(self, now: datetime) -> int:
        with self._ledger.lock:
            return sum(self._fan_out_to(endpoint, now) for endpoint in self._enabled())

    def _fan_out_to(self, endpoint: WebhookEndpoint, now: datetime) -> int:
        position = self._all.positions[endpoint.id]
        end = min(self._ledger.events, position + EVENTS_AT_ONCE)
        for number, of in enumerate(self._ledger.committed[position:end], position + 1):
            event = Event(number=number, of=of)
            if endpoint.wants(event.type):
                self._add(endpoint.id, event, now)
        self._all.positions[endpoint.id] = end
        return end - position

    def _add(self, endpoint_id: UUID, event: Event, now: datetime) -> None:
        delivery = Delivery(
            id=self._new_id(),
            endpoint_id=endpoint_id,
            event_number=event.number,
            event_type=event.type,
            next_attempt_at=now,
            give_up_at=now + GIVE_UP_AFTER,
            created_at=now,
        )
        self._all.deliveries[delivery.id] = delivery

    def claim(self, now: datetime, *, limit: int) -> list[Claimed]:
        with self._ledger.lock:
            by_endpoint = [self._due(endpoint.id, now) for endpoint in self._enabled()]
            in_turn = (it for turn in zip_longest(*by_endpoint) for it in turn if it is not None)
            return [self._claimed(delivery, now) for delivery in islice(in_turn, limit)]

    def _due(self, endpoint_id: UUID, now: datetime) -> list[Delivery]:
        pending = [
            it
            for it in self._all.deliveries.values()
            if it.endpoint_id == endpoint_id and it.status is PENDING
        ]
        leased = {it.id for it in pending if now < self._all.leases.get(it.id, now)}
        begun_since = now - ON_ITS_WAY
        in_flight = sum(self._all.leases[id] - LEASE > begun_since for id in leased)
        circuit = self._all.circuits[endpoint_id]
        room = circuit.lets_through(now, in_flight, AT_ONCE_PER_ENDPOINT)
        due = [it for it in pending if it.next_attempt_at <= now and it.id not in leased]
        return sorted(due, key=lambda it: (it.next_attempt_at, it.event_number))[:room]

    def _claimed(self, delivery: Delivery, now: datetime) -> Claimed:
        attempt = delivery.attempts + 1
        self._all.deliveries[delivery.id] = replace(delivery, attempts=attempt)
        self._all.leases[delivery.id] = now + LEASE
        endpoint = self._all.endpoints[delivery.endpoint_id]
        return Claimed(
            delivery_id=delivery.id,
            endpoint_id=endpoint.id,
            event_number=delivery.event_number,
            attempt=attempt,
            url=endpoint.url,
            secrets=endpoint.secrets(now),
            give_up_at=delivery.give_up_at,
        )

    def record(self, claimed: Claimed, attempt: Attempt, retry_at: datetime | None) -> None:
        with self._ledger.lock:
            self._all.attempts.setdefault(claimed.delivery_id, []).append(attempt)
            at = attempt.ended_at
            delivery = self._all.deliveries[claimed.delivery_id]
            mine = delivery.attempts == claimed.attempt
            if delivery.status is PENDING and (mine or attempt.is_success):
                self._all.deliveries[delivery.id] = _after(delivery, attempt, retry_at)
                self._all.leases.pop(delivery.id, None)
            circuit = self._all.circuits[claimed.endpoint_id]
            self._all.circuits[claimed.endpoint_id] = (
                Circuit() if attempt.is_success else circuit.after_failure(at)
            )
            if attempt.is_gone:
                self._disable(claimed, at)

    def _disable(self, claimed: Claimed, at: datetime) -> None:
        """Unless somebody has done so, or has said since that it shall get events at another URL."""
        before = self._all.endpoints[claimed.endpoint_id]
        if before.status is EndpointStatus.ENABLED and before.url == claimed.url:
            after = self._all.endpoints[before.id] = before.disabled(at)
            self._ledger.put_entry(entry_of_disabled(after, at))

    def tidy(self, now: datetime) -> int:
        with self._ledger.lock:
            everything = list(self._all.deliveries.values())
            old = [it for it in everything if it.status is PENDING and it.give_up_at <= now]
            for it in old[:TIDIED_AT_ONCE]:
                self._all.deliveries[it.id] = replace(it, status=DEAD, finished_at=now)
            forgotten = [it for it in everything if _is_long_delivered(it, now)]
            for it in forgotten[:TIDIED_AT_ONCE]:
                del self._all.deliveries[it.id]
                self._all.attempts.pop(it.id, None)
            return len(old[:TIDIED_AT_ONCE]) + len(forgotten[:TIDIED_AT_ONCE])

    def _enabled(self) -> Iterator[WebhookEndpoint]:
        endpoints = self._all.endpoints.values()
        return (it for it in list(endpoints) if it.status is EndpointStatus.ENABLED)


def _after(delivery: Delivery, attempt: Attempt, retry_at: datetime | None) -> Delivery:
    if attempt.is_success:
        return replace(delivery, status=DELIVERED, finished_at=attempt.ended_at)
    if retry_at is None:
        return replace(delivery, status=DEAD, finished_at=attempt.ended_at)
    return replace(delivery, next_attempt_at=retry_at)


def _is_long_delivered(delivery: Delivery, now: datetime) -> bool:
    finished_at = delivery.finished_at
    return (
        delivery.status is DELIVERED
        and finished_at is not None
        and finished_at <= now - DELIVERED_KEPT
    )
