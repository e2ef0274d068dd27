"""The port of who checks the stored books, or repairs what can be derived from them."""

from collections.abc import Callable
from typing import Protocol

from domain.integrity import Report


class OperatorError(Exception):
    """Something that the operator can mend, said in one sentence."""


Progress = Callable[[int, int, str], None]
"""How far something long has come: so many of so many, of what."""


def silent(_done: int, _of: int, _what: str) -> None:
    """Nobody looks on."""


class Auditor(Protocol):
    """Reads everything that is stored."""

    def verify(self, *, quick: bool = False, progress: Progress = silent) -> Report:
        """Check all books as they were at one moment; `quick` hashes no sealed transaction again."""

    def rebuild_balances(self) -> int:
        """Make each wallet's row say what its postings and holds say; gives the number of repaired rows.

        OperatorError when the postings themselves do not add up: then there is nothing to rebuild from.
        """
