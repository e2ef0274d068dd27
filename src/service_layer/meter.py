"""The port through which the money road tells how it fares, in numbers only."""

from typing import Protocol


class Meter(Protocol):
    """What is told here is cheap, never fails and never waits."""

    def batch_ended(self, commands: int, seconds: float) -> None:
        """A batch of so many commands took so long, its retries included."""

    def books_opened(self, seconds: float) -> None:
        """A unit of work has its connection, its locks and what it reads; it took so long."""

    def batch_retried(self, reason: str) -> None:
        """A batch runs again, for one of the reasons of `unit_of_work.Reason`, or `alone`."""

    def outcomes_unknown(self, commands: int) -> None:
        """So many commands ended without it being known whether they were done."""


class SilentMeter:
    """Nobody listens."""

    def batch_ended(self, commands: int, seconds: float) -> None:
        pass

    def books_opened(self, seconds: float) -> None:
        pass

    def batch_retried(self, reason: str) -> None:
        pass

    def outcomes_unknown(self, commands: int) -> None:
        pass


SILENT = SilentMeter()
