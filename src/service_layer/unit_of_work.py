"""The port through which a batch of commands reaches the stored books."""

from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from domain.books import Books


class TryAgain(Exception):
    """Nothing was written; the same batch may succeed now (deadlock, lost race, lost connection)."""


class CommitUnknown(Exception):
    """The connection was lost during COMMIT: the batch is either written whole or not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What the commands of a batch name: all of it is locked or looked up at once.

    `hold_ids` stand for the wallets of these holds. A `hasty` unit of work hardly waits for locks that
    others hold.
    """

    hasty: bool = False
    wallet_ids: frozenset[UUID]
    key_names: frozenset[tuple[str, str]]
    account_references: frozenset[str]
    transaction_references: frozenset[str]
    hold_ids: frozenset[UUID] = frozenset()
    hold_references: frozenset[str] = frozenset()


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
        """Lock the customer wallets in the order of their ids; then read the rest, then the clock.

        Holds on these wallets whose instant has come are released.
        """

    def write(self, books: Books) -> None:
        """Write what is new in the books; TryAgain when another process was faster with a key."""

    def commit(self) -> None:
        """Make it durable; CommitUnknown."""
