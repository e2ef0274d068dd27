"""A circuit keeps a dead endpoint from being tried all the time.

It opens after some failures in a row. When its pause is over a single attempt is made: a success closes
it, a failure opens it for longer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

FAILURES_MAX = 5
PAUSE_SECONDS = 30
PAUSE_SECONDS_MAX = 15 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """`failures` in a row so far; nothing is sent before `paused_until`."""

    failures: int = 0
    paused_until: datetime | None = None

    def lets_through(self, now: datetime, in_flight: int, at_once: int) -> int:
        """How many more may be sent now, when so many are on their way."""
        if self.paused_until is not None and now < self.paused_until:
            return 0
        most = 1 if self.failures >= FAILURES_MAX else at_once
        return max(0, most - in_flight)

    def after_failure(self, now: datetime) -> "Circuit":
        """One more failure."""
        failures = self.failures + 1
        if failures < FAILURES_MAX:
            return Circuit(failures=failures)
        steps = min(failures - FAILURES_MAX, 16)
        pause = timedelta(seconds=min(PAUSE_SECONDS * 2**steps, PAUSE_SECONDS_MAX))
        return Circuit(failures=failures, paused_until=now + pause)
