"""The log of the in-memory ledger: numbers, seals, verifications."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from uuid import UUID

from adapters.memory.ledger import Ledger
from domain.errors import SealNotFound, TransactionNotFound
from domain.merkle import Cover, Frontier, Node
from domain.seal import Numbered, Seal, SealedBlock
from service_layer.verification import Verification


class MemorySequencer:
    """Units of work publish one after another: their order is that of the commits."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def number_committed(self) -> int:
        with self._ledger.lock:
            numbered = self._ledger.numbered
            before = len(numbered)
            numbered.extend(islice(self._ledger.transactions, before, None))
            for number, id in enumerate(numbered[before:], start=before + 1):
                self._ledger.numbers[id] = number
            self._ledger.events = len(self._ledger.committed)
            return len(numbered) - before


class MemoryLog:
    """Reads by numbers."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def after(self, number: int, *, limit: int) -> list[Numbered]:
        with self._ledger.lock:
            return [
                Numbered(number=each, transaction=self._ledger.transactions[id])
                for each, id in enumerate(
                    self._ledger.numbered[number : number + limit], number + 1
                )
            ]

    def number_of(self, transaction_id: UUID) -> int | None:
        with self._ledger.lock:
            if transaction_id not in self._ledger.transactions:
                raise TransactionNotFound(f"There is no transaction {transaction_id}.")
            return self._ledger.numbers.get(transaction_id)


class MemorySeals:
    """Both ports of the sealed log."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @contextmanager
    def turn(self) -> Iterator[bool]:
        mine = self._ledger.sealing.acquire(blocking=False)
        try:
            yield mine
        finally:
            if mine:
                self._ledger.sealing.release()

    def tip(self) -> tuple[Seal | None, Frontier]:
        with self._ledger.lock:
            if not self._ledger.blocks:
                return None, Frontier()
            last = self._ledger.blocks[-1]
            return last.seal, last.frontier

    def append(self, block: SealedBlock) -> None:
        with self._ledger.lock:
            self._ledger.blocks.append(block)
            self._ledger.nodes.update(block.nodes)

    def seals(self, *, before: int | None, limit: int) -> list[Seal]:
        with self._ledger.lock:
            newest_first = reversed(self._ledger.blocks)
            older = (it.seal for it in newest_first if before is None or it.seal.block < before)
            return list(islice(older, limit))

    def seal(self, block: int) -> Seal:
        with self._ledger.lock:
            if not 1 <= block <= len(self._ledger.blocks):
                raise SealNotFound(f"There is no block {block}.")
            return self._ledger.blocks[block - 1].seal

    def seal_over(self, number: int) -> Seal | None:
        with self._ledger.lock:
            over = (it.seal for it in self._ledger.blocks if it.seal.tree_size >= number)
            return next(over, None)

    def hashes(self, wanted: Cover) -> tuple[dict[Node, bytes], dict[int, bytes]]:
        with self._ledger.lock:
            leaves = [leaf for block in self._ledger.blocks for leaf in block.leaves]
            return (
                {node: self._ledger.nodes[node] for node in wanted.nodes},
                {index: leaves[index] for index in wanted.leaves},
            )


class MemoryVerifications:
    """Of as long as the ledger lives."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def record(self, verification: Verification) -> None:
        self._ledger.verifications.append(verification)

    def last(self) -> Verification | None:
        return self._ledger.verifications[-1] if self._ledger.verifications else None
