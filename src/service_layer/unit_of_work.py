"""The port through which a batch of commands reaches the stored books."""

from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from domain.books import Books
from service_layer.claims import Claims


class Reason(StrEnum):
    """Why a batch has to run again."""

    DEADLOCK = "deadlock"
    SERIALIZATION = "serialization"
    LOST_RACE = "lost-race"
    CONNECTION = "connection"
    OTHER = "other"


class TryAgain(Exception):
    """Nothing was written; the same batch may succeed now (deadlock, lost race, lost connection)."""

    def __init__(self, said: str, reason: Reason = Reason.OTHER) -> None:
        super().__init__(said)
        self.reason = reason


class CommitUnknown(Exception):
    """The connection was lost during COMMIT: the batch is either written whole or not at all."""


class UnitOfWork(Protocol):
    """One database transaction. Leaving it without `commit` writes nothing.

    Any call may raise TryAgain, or Unavailable or IdempotencyKeyInUse when a lock is not to be had in time.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def open_books(self, claims: Claims) -> Books:
        """Lock the accounts, then the customer wallets, each in the order of their ids.

        Then read the rest, then the clock. Holds on these wallets whose instant has come are released. A key
        that another process keeps while this waits for a lock may be missing: then `write` or `commit` fails.
        """

    def write(self, books: Books) -> None:
        """Write what is new in the books; TryAgain when another process was faster with a key."""

    def commit(self) -> None:
        """Make it durable; CommitUnknown."""
