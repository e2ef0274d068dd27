"""The port of a cache for what can never change.

Nothing in it is ever stale, because only what is final may be put there, under a key that says all that the
value depends on: what it is, who is looking, in which shape.
"""

from typing import Protocol


class ReadCache(Protocol):
    """Never fails and hardly waits: what goes wrong is a miss."""

    def get(self, key: str) -> bytes | None:
        """None when it is not there, for whatever reason."""

    def put(self, key: str, value: bytes) -> None:
        """Keep it for some time, if there is room; too large a value is not kept."""


class NoCache:
    """Keeps nothing."""

    def get(self, key: str) -> bytes | None:
        return None

    def put(self, key: str, value: bytes) -> None:
        pass
