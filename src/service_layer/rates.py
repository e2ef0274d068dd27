"""The port of who knows the rates between currencies."""

from typing import Protocol


class Rates(Protocol):
    """May ask the outside world, so it is never called while books are open."""

    def rate(self, source: str, destination: str) -> str | None:
        """Destination major units for one source major unit: an exact decimal, as customers get it.

        None when the pair is not offered; Unavailable when that cannot be told now.
        """
