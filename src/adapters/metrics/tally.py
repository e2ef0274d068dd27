"""Takes observations at the price of an append.

Prometheus' own metrics cost some microseconds for each observation when workers share them. So observations
are noted, then added up many at a time: when there are enough of them, or when somebody wants to know.
"""

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from threading import Lock
from typing import TypeVar

from prometheus_client import Histogram

from adapters.metrics.families import RETRIES, BatchFamilies, Families, HttpFamilies

NOTED_MAX = 1024
T = TypeVar("T")
Answered = tuple[str, str, str, str | None, float]


class Tally:
    """Notes what was answered over HTTP and what the money road tells."""

    def __init__(self, families: Families) -> None:
        self._families = families
        self._answered: deque[Answered] = deque()
        self._observed: deque[tuple[Histogram, float]] = deque()
        self._adding = Lock()
        self.retries = {reason: families.batches.retries.labels(reason) for reason in RETRIES}

    def answered(
        self, route: str, method: str, status: str, code: str | None, seconds: float
    ) -> None:
        """A request to a route was answered, with the code of a problem if it was one."""
        self._answered.append((route, method, status, code, seconds))
        if len(self._answered) >= NOTED_MAX:
            self.add_up()

    def limited(self, event: str, kind: str) -> None:
        """What became of a request of that kind at its rate limit; that is rare."""
        self._families.http.rates.labels(event, str(kind)).inc()

    def observed(self, histogram: Histogram, value: float) -> None:
        """One value for a histogram, whose labels are given."""
        self._observed.append((histogram, value))
        if len(self._observed) >= NOTED_MAX:
            self.add_up()

    def lane(self, name: str) -> "LaneMeter":
        """What one lane of the money road tells to."""
        return LaneMeter(self, self._families.batches, name)

    def add_up(self) -> None:
        """Give Prometheus what was noted until now."""
        with self._adding:
            _add_answers(self._families.http, _taken(self._answered))
            values: defaultdict[Histogram, list[float]] = defaultdict(list)
            for histogram, value in _taken(self._observed):
                values[histogram].append(value)
            for histogram, several in values.items():
                _observe(histogram, several)


class LaneMeter:
    """A Meter."""

    def __init__(self, tally: Tally, families: BatchFamilies, lane: str) -> None:
        self._observed = tally.observed
        self._commands = families.commands.labels(lane)
        self._seconds = families.durations.labels(lane)
        self._lock_waits = families.lock_waits.labels(lane)
        self._retries = tally.retries
        self._unknown = families.unknown

    def batch_ended(self, commands: int, seconds: float) -> None:
        self._observed(self._commands, commands)
        self._observed(self._seconds, seconds)

    def books_opened(self, seconds: float) -> None:
        self._observed(self._lock_waits, seconds)

    def batch_retried(self, reason: str) -> None:
        self._retries[reason].inc()

    def outcomes_unknown(self, commands: int) -> None:
        self._unknown.inc(commands)


def _taken(noted: "deque[T]") -> list[T]:
    """What is in the queue, no longer in it; what others add meanwhile stays."""
    return [noted.popleft() for _ in range(len(noted))]


def _add_answers(families: HttpFamilies, answered: Sequence[Answered]) -> None:
    requests: Counter[tuple[str, str, str]] = Counter()
    problems: Counter[str] = Counter()
    durations: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for route, method, status, code, seconds in answered:
        requests[route, method, status] += 1
        durations[route, method].append(seconds)
        if code is not None:
            problems[code] += 1
    for labels, count in requests.items():
        families.requests.labels(*labels).inc(count)
    for code, count in problems.items():
        families.problems.labels(code).inc(count)
    for route_method, several in durations.items():
        _observe(families.durations.labels(*route_method), several)


def _observe(histogram: Histogram, values: Sequence[float]) -> None:
    """What `observe` does with each value, but one write for each bucket (a test compares)."""
    histogram._sum.inc(sum(values))
    buckets = Counter(bisect_left(histogram._upper_bounds, value) for value in values)
    for index, count in buckets.items():
        histogram._buckets[index].inc(count)
