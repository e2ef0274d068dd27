"""Seals: each ends a block of consecutively numbered transactions, chained to the seal before it.

The leaves of the log's one Merkle tree are the transactions in the order of their numbers: number n is leaf
n - 1. A seal has the root of the tree up to its last transaction, so that one published root vouches
for all before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from domain.canonical import canonical_json, canonical_transaction
from domain.merkle import HASH_BYTES, Frontier, Node, leaf_hash
from domain.times import rfc3339
from domain.transaction import Transaction

VERSION = 1
TRANSACTIONS_PER_SEAL_MAX = 4096
# Complete subtrees of this size on are kept, so that a proof never reads more than two times 2^8 leaves.
LEVEL_KEPT_MIN = 8
NO_SEAL = bytes(HASH_BYTES)
"""What the first seal has for the hash of the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A committed transaction with its place in the log: 1, 2, 3… without gaps."""

    number: int
    transaction: Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The header of one block: transactions `first_number` to `tree_size`, sealed at one time."""

    block: int
    first_number: int
    tree_size: int
    root: bytes
    previous_hash: bytes
    sealed_at: datetime

    def header(self) -> dict[str, Any]:
        """What is hashed, in JSON types."""
        return {
            "v": VERSION,
            "block": self.block,
            "first_number": self.first_number,
            "tree_size": self.tree_size,
            "root": self.root.hex(),
            "previous_hash": self.previous_hash.hex(),
            "sealed_at": rfc3339(self.sealed_at),
        }

    @property
    def hash(self) -> bytes:
        """What the next seal repeats as `previous_hash`."""
        return sha256(canonical_json(self.header())).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBlock:
    """A seal beside what is kept with it: its leaf hashes, completed subtrees, the tree to go on from."""

    seal: Seal
    hash: bytes
    leaves: tuple[bytes, ...]
    nodes: tuple[tuple[Node, bytes], ...]
    frontier: Frontier


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBlock:
    """A seal as it was found, with the hash and the leaf hashes that are kept beside it."""

    seal: Seal
    hash: bytes
    leaves: tuple[bytes, ...]


def leaf_of(transaction: Transaction) -> bytes:
    """The leaf hash of a transaction."""
    return leaf_hash(canonical_transaction(transaction))


def seal_block(
    last: Seal | None, frontier: Frontier, numbered: Sequence[Numbered], now: datetime
) -> SealedBlock:
    """Seal the transactions that follow the last seal; `frontier` is the tree as that one left it.

    A time before the last seal's is not believed: seals are in the order of their times.
    """
    expected = range(frontier.size + 1, frontier.size + 1 + len(numbered))
    if not numbered or [each.number for each in numbered] != list(expected):
        raise RuntimeError(f"the log has a gap after number {frontier.size}")
    leaves = tuple(leaf_of(each.transaction) for each in numbered)
    grown, completed = frontier.grown(leaves)
    seal = Seal(
        block=1 if last is None else last.block + 1,
        first_number=frontier.size + 1,
        tree_size=grown.size,
        root=grown.root,
        previous_hash=NO_SEAL if last is None else last.hash,
        sealed_at=now if last is None else max(now, last.sealed_at),
    )
    kept = tuple(each for each in completed if each[0].level >= LEVEL_KEPT_MIN)
    return SealedBlock(seal=seal, hash=seal.hash, leaves=leaves, nodes=kept, frontier=grown)
