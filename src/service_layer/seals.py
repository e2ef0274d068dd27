"""The ports of the sealed log."""

from contextlib import AbstractContextManager
from typing import Protocol

from domain.merkle import Cover, Frontier, Node
from domain.seal import Seal, SealedBlock


class Sealing(Protocol):
    """Where blocks are appended."""

    def turn(self) -> AbstractContextManager[bool]:
        """Whether it is this process's turn to seal, for as long as the block runs; never waits."""

    def tip(self) -> tuple[Seal | None, Frontier]:
        """The last seal, with the tree as it left it."""

    def append(self, block: SealedBlock) -> None:
        """Keep a block for good."""


class Seals(Protocol):
    """Reads seals, and what proofs are made of."""

    def seals(self, *, before: int | None, limit: int) -> list[Seal]:
        """The newest first; `before` is the number of a block."""

    def seal(self, block: int) -> Seal:
        """SealNotFound."""

    def seal_over(self, number: int) -> Seal | None:
        """The seal of the block that has the transaction of this number; None when not sealed yet."""

    def hashes(self, wanted: Cover) -> tuple[dict[Node, bytes], dict[int, bytes]]:
        """Kept subtrees, and leaf hashes by their index."""
