"""What must be true of the sealed log, with plain words for what is not.

The rules: blocks are numbered 1, 2, 3…, each begins where the last ended, repeats its hash, and has the hash
and the root that its contents have; a sealed transaction still has the leaf hash that it was sealed
with; the subtrees kept for proofs are those of the leaves.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from domain.integrity import Finding
from domain.merkle import Frontier, Node
from domain.seal import LEVEL_KEPT_MIN, NO_SEAL, Numbered, Seal, StoredBlock, leaf_of


class LogCheck:
    """Takes the blocks in their order; `nodes` are all subtrees that are kept."""

    def __init__(self, nodes: Mapping[Node, bytes]) -> None:
        self._nodes = nodes
        self._last: Seal | None = None
        self._frontier = Frontier()
        self._completed = 0

    @property
    def sealed(self) -> int:
        """How many leaves were seen."""
        return self._frontier.size

    def block(
        self, block: StoredBlock, numbered: Sequence[Numbered] | None = None
    ) -> Iterator[Finding]:
        """Check the next block, with the transactions that have its numbers when they are given."""
        where = f"block {block.seal.block}"
        for sentence in _chain_faults(self._last, block):
            yield Finding(rule="seal-chain", where=where, sentence=sentence)
        if numbered is not None:
            yield from _changed(block, numbered)
        self._frontier, completed = self._frontier.grown(block.leaves)
        if (self._frontier.size, self._frontier.root) != (block.seal.tree_size, block.seal.root):
            sentence = f"The leaf hashes up to {where} do not have the root that its seal says."
            yield Finding(rule="seal-root", where=where, sentence=sentence)
        yield from self._wrong_nodes(completed)
        self._last = block.seal

    def end(self) -> Iterator[Finding]:
        """After the last block: there is no subtree that no leaves have completed."""
        if len(self._nodes) > self._completed:
            sentence = (
                f"{len(self._nodes)} subtrees are kept for proofs;"
                f" the leaves have completed {self._completed}."
            )
            yield Finding(rule="seal-subtree", where="all blocks", sentence=sentence)

    def _wrong_nodes(self, completed: Iterable[tuple[Node, bytes]]) -> Iterator[Finding]:
        for node, found in completed:
            if node.level < LEVEL_KEPT_MIN:
                continue
            self._completed += 1
            if self._nodes.get(node) != found:
                first = node.position << node.level
                where = f"subtree {first + 1} to {first + (1 << node.level)}"
                sentence = f"The {where} is not kept as its leaf hashes make it."
                yield Finding(rule="seal-subtree", where=where, sentence=sentence)


def check_blocks(
    blocks: Iterable[tuple[StoredBlock, Sequence[Numbered] | None]], nodes: Mapping[Node, bytes]
) -> Iterator[Finding]:
    """The findings of all blocks."""
    check = LogCheck(nodes)
    for block, numbered in blocks:
        yield from check.block(block, numbered)
    yield from check.end()


def _chain_faults(last: Seal | None, block: StoredBlock) -> Iterator[str]:
    seal, where = block.seal, f"block {block.seal.block}"
    block_expected = 1 if last is None else last.block + 1
    if seal.block != block_expected:
        yield f"The {where} stands where block {block_expected} should."
    first_expected = 1 if last is None else last.tree_size + 1
    if (seal.first_number, seal.tree_size) != (
        first_expected,
        first_expected + len(block.leaves) - 1,
    ):
        yield (
            f"The {where} says that it has the numbers {seal.first_number} to {seal.tree_size};"
            f" it has {len(block.leaves)} from {first_expected} on."
        )
    if seal.previous_hash != (NO_SEAL if last is None else last.hash):
        yield f"The {where} does not repeat the hash of the block before it."
    if block.hash != seal.hash:
        yield f"The {where} has another hash than its contents."
    if last is not None and seal.sealed_at < last.sealed_at:
        yield f"The {where} was sealed before the block that it follows."


def _changed(block: StoredBlock, numbered: Sequence[Numbered]) -> Iterator[Finding]:
    """The sealed transactions that are not what they were."""
    by_number = {each.number: each.transaction for each in numbered}
    for number, leaf in enumerate(block.leaves, start=block.seal.first_number):
        transaction = by_number.get(number)
        where = f"number {number}"
        if transaction is None:
            sentence = f"There is no transaction of {where}, which block {block.seal.block} sealed."
            yield Finding(rule="sealed-transaction", where=where, sentence=sentence)
        elif leaf_of(transaction) != leaf:
            sentence = (
                f"The transaction {transaction.id}, {where}, is not what it was when it was sealed."
            )
            where = f"transaction {transaction.id}"
            yield Finding(rule="sealed-transaction", where=where, sentence=sentence)
