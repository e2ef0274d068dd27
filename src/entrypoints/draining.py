"""One bit that forked workers share with their parent: the service is about to stop."""

import mmap


class Draining:
    """Set by the parent, read by each worker with each request."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 1)

    def __call__(self) -> bool:
        return self._shared[0] != 0

    def set(self) -> None:
        """Never taken back: it ends with the process."""
        self._shared[0] = 1


# Made before the workers are forked, which share its memory.
draining = Draining()
