"""Leave a server alone for a moment when it does not answer.

So a server that hangs costs a timeout once in a while, not one for each request; one that is back is noticed
by the next try.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

from redis.exceptions import RedisError

T = TypeVar("T")
OPEN_SECONDS = 1.0
LOG_EVERY_SECONDS = 60.0
log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Breaker:
    """One for each use of the server, which `purpose` names in the log; threads share it."""

    purpose: str
    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    skipped: int = 0
    _away_since: float | None = None
    _next_try: float = 0.0
    _told_at: float | None = None
    _mutex: Lock = field(default_factory=Lock)

    def ask(self, question: Callable[[], T]) -> T | None:
        """What the server answers; None when it does not, or was left alone. It must not answer None itself
        where that makes a difference."""
        if self._away_since is not None and not self._may_try():
            return None
        try:
            answer = question()
        except (RedisError, OSError) as error:
            self._failed(error)
            return None
        if self._away_since is not None:
            self._is_back()
        return answer

    def _may_try(self) -> bool:
        """One thread at a time tries whether it is back."""
        with self._mutex:
            now = self.clock()
            if self._away_since is None:
                return True
            if now < self._next_try:
                self.skipped += 1
                return False
            self._next_try = now + OPEN_SECONDS
            return True

    def _failed(self, error: Exception) -> None:
        with self._mutex:
            now = self.clock()
            self.failures += 1
            self._away_since = now if self._away_since is None else self._away_since
            self._next_try = now + OPEN_SECONDS
            if self._told_at is not None and now < self._told_at + LOG_EVERY_SECONDS:
                return
            self._told_at = now
        # Its class alone: what it says could name a host or more.
        log.warning(
            "Redis does not answer (%s); %s go on without it.", type(error).__name__, self.purpose
        )

    def _is_back(self) -> None:
        with self._mutex:
            if self._away_since is None:
                return
            seconds, self._away_since = self.clock() - self._away_since, None
        log.warning(
            "Redis answers again after %.1f s; %s use it. Until now %d tries failed, %d were left out.",
            seconds,
            self.purpose,
            self.failures,
            self.skipped,
        )
