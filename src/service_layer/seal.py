"""Seal what is committed: number it, hash it into blocks, chain them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain.seal import TRANSACTIONS_PER_SEAL_MAX, Seal, seal_block
from service_layer.ports import Clock
from service_layer.seals import Sealing
from service_layer.transaction_log import Sequencer, TransactionLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealer:
    """Works beside the posting road, in bounded blocks; several may run at once, of which one works."""

    sequencer: Sequencer
    log: TransactionLog
    sealing: Sealing
    clock: Clock
    transactions_per_seal_max: int = TRANSACTIONS_PER_SEAL_MAX

    def seal_all(self, rest: Callable[[], None] = lambda: None) -> Iterator[Seal]:
        """Number and seal all that is committed now, block by block; `rest` is called after each.

        Gives nothing when another process is at it, or when there is nothing new.
        """
        with self.sealing.turn() as mine:
            if not mine:
                return
            self.sequencer.number_committed()
            last, frontier = self.sealing.tip()
            while numbered := self.log.after(frontier.size, limit=self.transactions_per_seal_max):
                block = seal_block(last, frontier, numbered, self.clock())
                self.sealing.append(block)
                last, frontier = block.seal, block.frontier
                yield block.seal
                rest()
