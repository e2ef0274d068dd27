"""The port of who checks the stored books, or repairs what can be derived from them."""

from typing import Protocol

from domain.integrity import Report


class OperatorError(Exception):
    """Something that the operator can mend, said in one sentence."""


class Auditor(Protocol):
    """Reads everything that is stored."""

    def verify(self) -> Report:
        """Check all books as they were at one moment."""

    def rebuild_balances(self) -> int:
        """Make each wallet's row say what its postings say; gives the number of repaired rows.

        OperatorError when the postings themselves do not add up: then there is nothing to rebuild from.
        """
