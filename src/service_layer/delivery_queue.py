"""The port of the queue of webhook deliveries: several workers take from it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from domain.webhook_delivery import Attempt

AT_ONCE_PER_ENDPOINT = 4
EVENTS_AT_ONCE = 500
DELIVERED_KEPT = timedelta(days=30)
TIDIED_AT_ONCE = 1000
# Longer than any attempt takes, so that nobody sends what another is sending.
LEASE = timedelta(seconds=120)
# Longer than an attempt usually takes: what is older was a dead worker's, and holds no room at its endpoint.
ON_ITS_WAY = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery that is this worker's to attempt until its lease ends; `attempt` counts from 1 on."""

    delivery_id: UUID
    endpoint_id: UUID
    event_number: int
    attempt: int
    url: str
    secrets: tuple[str, ...] = field(repr=False)
    give_up_at: datetime


class DeliveryQueue(Protocol):
    """Each method is a database transaction of its own; nothing is held open while something is sent."""

    def fan_out(self, now: datetime) -> int:
        """Make a delivery of each new event for each enabled endpoint that wants it, exactly once.

        EVENTS_AT_ONCE for each endpoint at most; gives how many events were gone through, 0 when all were.
        """

    def claim(self, now: datetime, *, limit: int) -> list[Claimed]:
        """Take up to `limit` due deliveries for as long as a LEASE, which counts as an attempt.

        No more than AT_ONCE_PER_ENDPOINT are on their way to one endpoint, or than its circuit lets through;
        endpoints take turns.
        """

    def record(self, claimed: Claimed, attempt: Attempt, retry_at: datetime | None) -> None:
        """Keep what came of an attempt: delivered, due again at `retry_at`, or dead when that is None.

        Open or close the endpoint's circuit; disable the endpoint when it is gone. An attempt whose lease
        another worker has taken over since is kept, and changes nothing unless it was a success.
        """

    def tidy(self, now: datetime) -> int:
        """Give up what is too old; forget what was delivered DELIVERED_KEPT ago. Gives how many there were.

        TIDIED_AT_ONCE of each at most.
        """
