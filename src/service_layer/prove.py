"""Prove that a transaction is in the sealed log, or that the log has only grown."""

from dataclasses import dataclass
from uuid import UUID

from domain.canonical import canonical_transaction
from domain.errors import NotSealed
from domain.merkle import (
    Range,
    consistency_ranges,
    cover,
    hash_from,
    inclusion_ranges,
    leaf_hash,
    root_from_inclusion,
)
from domain.proof import Proof
from domain.seal import LEVEL_KEPT_MIN, Seal
from service_layer.queries import Queries
from service_layer.seals import Seals
from service_layer.transaction_log import TransactionLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Prover:
    """Reads only; takes a few look-ups and at most some hundred hashes, however long the log is."""

    queries: Queries
    log: TransactionLog
    seals: Seals

    def prove(self, transaction_id: UUID, block: int | None = None) -> Proof:
        """A proof against the root of one block, by default the one that has the transaction.

        TransactionNotFound, SealNotFound; NotSealed when that block ends before the transaction.
        """
        number = self.log.number_of(transaction_id)
        seal = self._seal_over(number) if block is None else self.seals.seal(block)
        if number is None or seal is None or seal.tree_size < number:
            raise NotSealed(f"The transaction {transaction_id} is {_not_in(block)}.")
        index = number - 1
        path = self._hashes(inclusion_ranges(index, seal.tree_size))
        leaf = canonical_transaction(self.queries.transaction(transaction_id))
        if root_from_inclusion(leaf_hash(leaf), index, seal.tree_size, path) != seal.root:
            raise RuntimeError(
                f"transaction {transaction_id} is not what it was when it was sealed"
            )
        return Proof(leaf=leaf.decode(), index=index, audit_path=path, seal=seal)

    def prove_growth(self, old: int, new: int) -> tuple[Seal, Seal, tuple[bytes, ...]]:
        """Two seals with the path between them (RFC 6962, 2.1.2), the older first; SealNotFound."""
        first, last = self.seals.seal(min(old, new)), self.seals.seal(max(old, new))
        return first, last, self._hashes(consistency_ranges(first.tree_size, last.tree_size))

    def _seal_over(self, number: int | None) -> Seal | None:
        return None if number is None else self.seals.seal_over(number)

    def _hashes(self, ranges: list[Range]) -> tuple[bytes, ...]:
        nodes, leaves = self.seals.hashes(cover(ranges, LEVEL_KEPT_MIN))
        hash_of = hash_from(nodes, leaves, LEVEL_KEPT_MIN)
        return tuple(hash_of(*each) for each in ranges)


def _not_in(block: int | None) -> str:
    return "not sealed yet" if block is None else f"not in the blocks up to {block}"
