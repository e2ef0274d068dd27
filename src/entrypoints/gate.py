"""Only so many requests are inside a worker at once; who comes when it is full is told so at once."""

from threading import Lock


class Gate:
    """Counts requests. Whoever waits long for its body is outside, so that slow clients fill the house
    for nobody; it comes back in without being asked, so that there can be more inside than `inside_max`.
    """

    def __init__(self, *, inside_max: int) -> None:
        self._inside_max = inside_max
        self._inside = 0
        self._refused = 0
        self._lock = Lock()

    def enter(self) -> bool:
        """Whether a request has come in; it has to `leave` then."""
        with self._lock:
            if self._inside < self._inside_max:
                self._inside += 1
                return True
            self._refused += 1
            return False

    def turns_away(self) -> bool:
        """Whether a request that comes now is refused; it counts as refused then."""
        if self._inside < self._inside_max:
            return False
        with self._lock:
            self._refused += 1
        return True

    def leave(self) -> None:
        """One that was let in is done, or waits for its body."""
        with self._lock:
            self._inside -= 1

    def come_back(self) -> None:
        """The body has come."""
        with self._lock:
            self._inside += 1

    @property
    def inside(self) -> int:
        """How many there are now."""
        return self._inside

    def take_refused(self) -> int:
        """How many were refused since somebody has asked."""
        with self._lock:
            refused, self._refused = self._refused, 0
            return refused
