"""The sweep of expired holds in the in-memory ledger."""

from dataclasses import replace

from adapters.memory.ledger import Ledger
from service_layer.expire_holds import entry_of_expired
from service_layer.ports import Clock


class MemoryHoldSweeper:
    """Holds the ledger's lock for one batch."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    def sweep(self, limit: int) -> int:
        now = self._clock()
        with self._ledger.lock:
            over = [hold for id in self._ledger.wallets for hold in self._ledger.over(id, now)]
            for hold in over[:limit]:
                noted = hold.as_of(now)
                self._ledger.put_hold(noted)
                self._ledger.put_entry(entry_of_expired(noted, now))
                row = self._ledger.wallets[hold.wallet_id]
                self._ledger.wallets[hold.wallet_id] = replace(
                    row,
                    wallet=row.wallet.holding(-hold.remaining),
                    updated_at=max(row.updated_at, noted.updated_at),
                )
            return len(over[:limit])
