"""Only so many requests are inside a worker at once; who comes when it is full is told so at once."""

from threading import Lock


class Gate:
    """Counts requests by their numbers.

    One that waits long for its body steps out, so that slow clients fill the house for nobody; when its body
    has come it steps in again without being asked, so that there can be more inside than
    `inside_max` by as many as have done so.
    """

    def __init__(self, *, inside_max: int) -> None:
        self._inside_max = inside_max
        self._inside: set[int] = set()
        self._refused = 0
        self._lock = Lock()
        # One call of C each, which no other thread can interrupt: no lock is needed.
        self.leave = self._inside.discard
        self.step_out = self._inside.discard
        self.step_in = self._inside.add

    def enter(self, number: int) -> bool:
        """Whether this request has come in; it has to `leave` then."""
        with self._lock:
            if len(self._inside) < self._inside_max:
                self._inside.add(number)
                return True
            self._refused += 1
            return False

    @property
    def inside(self) -> int:
        """How many there are now."""
        return len(self._inside)

    def take_refused(self) -> int:
        """How many were refused since somebody has asked."""
        with self._lock:
            refused, self._refused = self._refused, 0
            return refused
