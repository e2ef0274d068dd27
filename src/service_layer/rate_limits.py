"""How often anybody may ask.

Requests are counted in windows of fixed length that begin at the same moment in every process: whoever counts
knows without asking when a window ends.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from typing import Protocol


class Kind(StrEnum):
    """What is counted apart."""

    READS = "reads"
    WRITES = "writes"
    FAILURES = "failures"
    PAGES = "pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most `amount` in each window."""

    amount: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where somebody stands in the window that has just been counted in."""

    kind: Kind
    rate: Rate
    used: int
    window: int
    reset_seconds: int

    @property
    def exceeded(self) -> bool:
        """Whether this was one too many."""
        return self.used > self.rate.amount

    @property
    def remaining(self) -> int:
        """How many more the window has room for."""
        return max(0, self.rate.amount - self.used)


class RateCounter(Protocol):
    """The port of what counts."""

    def add(self, name: str, window: int, seconds: int, cost: int) -> int | None:
        """Add to what `name` has used in that window, or take back with a negative cost; gives the sum.

        Windows of one name have `seconds` each and never run backwards. None: it cannot be told now.
        """


Note = Callable[[str, Kind], None]
"""Hears what becomes of requests; must not fail or wait."""


def nobody_listens(_event: str, _kind: Kind) -> None:
    """A Note that forgets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """`shared` counts for all who share it; `own` is this process's, for when that cannot tell.

    A kind without a rate is not limited. `note` is told of what an operator wants to count: "refused", with
    its kind, or "uncounted": let through because nobody could count it.
    """

    rates: dict[Kind, Rate]
    shared: RateCounter
    own: RateCounter
    clock: Callable[[], float]
    note: Note = field(default=nobody_listens)

    def spend(
        self, kind: Kind, who: str, *, cost: int = 1, strictly: bool = False
    ) -> Standing | None:
        """Count it, then see; None when it is not limited. A `cost` of 0 only looks.

        What cannot be counted passes, unless `strictly`: then this process counts alone.
        """
        rate = self.rates.get(kind)
        if rate is None:
            return None
        now = self.clock()
        window = int(now // rate.seconds)
        used = self._add(f"{kind}:{who}", window, rate, cost, strictly)
        if used is None:
            self.note("uncounted", kind)
            return None
        reset_seconds = max(1, ceil((window + 1) * rate.seconds - now))
        return Standing(kind=kind, rate=rate, used=used, window=window, reset_seconds=reset_seconds)

    def give_back(self, standing: Standing, who: str, *, cost: int) -> None:
        """Take back what was counted."""
        self._add(f"{standing.kind}:{who}", standing.window, standing.rate, -cost, False)

    def whole_cost(self, kind: Kind, operations: int) -> int:
        """What so many operations at once cost: never more than a whole window, or they could never pass."""
        rate = self.rates.get(kind)
        return operations if rate is None else min(operations, rate.amount)

    def _add(self, name: str, window: int, rate: Rate, cost: int, strictly: bool) -> int | None:
        used = self.shared.add(name, window, rate.seconds, cost)
        if used is None and strictly:
            used = self.own.add(name, window, rate.seconds, cost)
        return used


class NoCounter:
    """Can never tell."""

    def add(self, name: str, window: int, seconds: int, cost: int) -> int | None:
        return None


UNLIMITED = RateLimits(rates={}, shared=NoCounter(), own=NoCounter(), clock=time.time)
