"""Sweep expired holds: note that they are over, in bounded batches."""

from typing import Protocol

BATCH_SIZE = 500


class HoldSweeper(Protocol):
    """Nothing depends on when it runs: a hold counts no longer from its instant on, noted or not."""

    def sweep(self, limit: int) -> int:
        """Note for up to `limit` expired holds that they are over; gives how many there were.

        Locks their wallets in the order of their ids, as batches of commands do.
        """


def sweep_holds(sweeper: HoldSweeper, *, batch_size: int = BATCH_SIZE) -> int:
    """Note all expired holds, each batch in a database transaction of its own; gives how many there were."""
    total = 0
    while swept := sweeper.sweep(batch_size):
        total += swept
    return total
