"""The log of committed transactions: numbered 1, 2, 3… without gaps, so that a reader misses nothing.

Ids, times and database sequences do not define the order of commits. Whoever must read all that is
committed, once and in order, reads by these numbers.
"""

from typing import Protocol
from uuid import UUID

from domain.seal import Numbered


class Sequencer(Protocol):
    """Gives numbers; several may run at once, of which one works."""

    def number_committed(self) -> int:
        """Number every committed transaction that has no number yet; gives how many they were.

        What is committed also gets its number as an event: transactions with the audit entries between them.

        A transaction on a wallet gets a higher number than those before it on the same wallet. 0 when another
        sequencer is at work. Numbers stay for good; what commits later gets higher ones, however old its
        id or its time.
        """


class TransactionLog(Protocol):
    """Reads by numbers."""

    def after(self, number: int, *, limit: int) -> list[Numbered]:
        """The transactions with the numbers after this one, in order, `limit` at most."""

    def number_of(self, transaction_id: UUID) -> int | None:
        """None while it has no number; TransactionNotFound."""
