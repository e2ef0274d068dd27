"""Deliver a webhook: one attempt, outside of any database transaction."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.retry_schedule import next_attempt_at
from domain.webhook_delivery import Attempt
from service_layer.delivery_queue import Claimed, DeliveryQueue
from service_layer.event_json import event_to_json
from service_layer.event_queries import EventQueries
from service_layer.ports import Clock

Sign = Callable[[Sequence[str], str, datetime, str], str]
"""The signatures of a message by these secrets: its id, its time and its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A status of HTTP, or why there is none."""

    status: int | None = None
    error: str | None = None


class Sender(Protocol):
    """Sends within limits of time and size, to public addresses only; follows no redirect."""

    def post(self, url: str, headers: dict[str, str], body: bytes) -> Response:
        """Never raises for what the other side did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverer:
    """`stopwatch` gives seconds, `chance` a random number from 0 to 1."""

    queue: DeliveryQueue
    events: EventQueries
    sender: Sender
    sign: Sign
    clock: Clock
    stopwatch: Callable[[], float]
    chance: Callable[[], float]

    def deliver(self, claimed: Claimed) -> Attempt:
        """Send it, keep what came of it."""
        (event,) = self.events.after(claimed.event_number - 1, limit=1).events
        text = json.dumps(event_to_json(event), ensure_ascii=False, separators=(",", ":"))
        started_at, since = self.clock(), self.stopwatch()
        headers = self._headers(claimed, started_at, text)
        response = self.sender.post(claimed.url, headers, text.encode())
        attempt = Attempt(
            number=claimed.attempt,
            started_at=started_at,
            duration_ms=round((self.stopwatch() - since) * 1000),
            response_status=response.status,
            error=response.error,
        )
        self.queue.record(claimed, attempt, self._retry_at(claimed, attempt))
        return attempt

    def _headers(self, claimed: Claimed, at: datetime, text: str) -> dict[str, str]:
        """Those of Standard Webhooks; the id stays the same in every attempt."""
        message_id = str(claimed.delivery_id)
        return {
            "Content-Type": "application/json",
            "User-Agent": "Simple-Payments-Webhooks",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self.sign(claimed.secrets, message_id, at, text),
        }

    def _retry_at(self, claimed: Claimed, attempt: Attempt) -> datetime | None:
        if attempt.is_success or attempt.is_gone:
            return None
        return next_attempt_at(claimed.attempt, self.clock(), claimed.give_up_at, self.chance())
