"""A delivery brings one event to one endpoint, in as many attempts as it takes."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.retry_schedule import GIVE_UP_AFTER

GONE = 410


class DeliveryStatus(StrEnum):
    """A dead one was given up; it can be replayed."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """`attempts` were begun; a pending one is due at `next_attempt_at`, and given up at `give_up_at`."""

    id: UUID
    endpoint_id: UUID
    event_number: int
    event_type: str
    status: DeliveryStatus = DeliveryStatus.PENDING
    attempts: int = 0
    next_attempt_at: datetime
    give_up_at: datetime
    created_at: datetime
    finished_at: datetime | None = None

    def replayed(self, now: datetime) -> "Delivery":
        """Due now, with all the time of a new one; it stays the same message."""
        return replace(
            self,
            status=DeliveryStatus.PENDING,
            next_attempt_at=now,
            give_up_at=now + GIVE_UP_AFTER,
            finished_at=None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of one attempt: a status of HTTP, or why there is none (`error`)."""

    number: int
    started_at: datetime
    duration_ms: int
    response_status: int | None = None
    error: str | None = None

    @property
    def ended_at(self) -> datetime:
        """When there was an answer, or none was waited for any longer."""
        return self.started_at + timedelta(milliseconds=self.duration_ms)

    @property
    def is_success(self) -> bool:
        """Whether the endpoint has accepted it: any 2xx."""
        return self.response_status is not None and 200 <= self.response_status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the endpoint says that it wants no more, for good."""
        return self.response_status == GONE
