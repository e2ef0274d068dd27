"""Count in this process alone, in memory that is bounded."""

from dataclasses import dataclass, field
from threading import Lock

NAMES_MAX = 50_000


@dataclass(slots=True, kw_only=True)
class MemoryRateCounter:
    """A RateCounter. Of too many names those are forgotten whose window was opened longest ago."""

    names_max: int = NAMES_MAX
    _used: dict[str, tuple[int, int]] = field(default_factory=dict)
    _mutex: Lock = field(default_factory=Lock)

    def add(self, name: str, window: int, seconds: int, cost: int) -> int:
        with self._mutex:
            before, used = self._used.get(name, (-1, 0))
            if window < before:  # what is over is not counted any more
                return 0 if cost < 0 else used
            if window > before:
                used = self._make_room(name)
            used = max(0, used + cost)
            self._used[name] = (window, used)
            return used

    def _make_room(self, name: str) -> int:
        """In the order of their windows: the first is the oldest."""
        if self._used.pop(name, None) is None and len(self._used) >= self.names_max:
            del self._used[next(iter(self._used))]
        return 0

    def __len__(self) -> int:
        return len(self._used)
