"""Let a batch grow before it is run: a large one costs each of its items far less than a small one.

Those whom a batch answered often come again, one by one. If the first of them led at once, batches of one
would follow full ones.
"""

from collections.abc import Callable
from threading import Lock
from time import perf_counter

from service_layer.waiting import Bell, Waiting

SECONDS_MAX = 0.02


class Gathering:
    """Who leads soon after a batch waits for as many as it answered.

    It waits no longer than `patience` times what that batch took, counted from its end. A client who comes
    alone is not kept waiting. One leader at a time waits; another goes at once.
    """

    def __init__(self, waiting: Waiting, patience: float) -> None:
        self._waiting = waiting
        self._patience = patience
        self._enough = 0
        self._until = 0.0
        self._bell: Bell | None = None
        self._mutex = Lock()

    def ended(self, size: int, seconds: float) -> None:
        """A batch of that size has taken so long."""
        self._enough = size
        self._until = perf_counter() + min(self._patience * seconds, SECONDS_MAX)

    def wait(self, come: Callable[[], int]) -> None:
        """Until enough have come, or none is worth waiting for any more."""
        seconds = self._until - perf_counter()
        if seconds <= 0 or come() >= self._enough:
            return
        bell = self._waiting.bell()
        if not self._hang(bell):
            return
        try:
            if come() < self._enough:  # once more: who came before the bell hung did not ring it
                bell.wait(seconds)
        finally:
            self._take(bell)

    def has_come(self, come: int) -> None:
        """One more; `come` counts all."""
        bell = self._bell
        if bell and come >= self._enough and self._take(bell):
            bell.ring()

    def _hang(self, bell: Bell) -> bool:
        """Whether no other hung there."""
        with self._mutex:
            if self._bell:
                return False
            self._bell = bell
            return True

    def _take(self, bell: Bell) -> bool:
        """Whether it still hung there; another leader's stays."""
        with self._mutex:
            if self._bell is not bell:
                return False
            self._bell = None
            return True
