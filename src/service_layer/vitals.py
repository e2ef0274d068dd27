"""The port of what tells whether the work beside the payments goes on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service_layer.verification import Verification

WAITING_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits for work that is done beside the payments.

    It is counted up to WAITING_MAX; `oldest_at` is the time of the transaction that has waited longest, None
    when nothing waits.
    """

    name: str
    waiting: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """`backlogs` are one for each such work; `verification` is the newest, None when there was none.

    Webhook endpoints are failing while they are left alone (see domain/circuit.py); dead letters are counted
    up to WAITING_MAX.
    """

    backlogs: tuple[Backlog, ...]
    failing_endpoints: int
    dead_letters: int
    verification: Verification | None


class VitalSigns(Protocol):
    """Reads them."""

    def read(self) -> Vitals:
        """In a second or two at most, else Unavailable."""
