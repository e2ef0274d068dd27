"""Queries about holds on the in-memory ledger."""

from uuid import UUID

from adapters.memory.ledger import Ledger
from adapters.memory.queries import newest_first
from domain.errors import HoldNotFound
from domain.hold import Hold, HoldStatus
from service_layer.ports import Clock


class MemoryHoldQueries:
    """`clock` says whether a hold's instant has come."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    def hold(self, hold_id: UUID) -> Hold:
        with self._ledger.lock:
            found = self._ledger.holds.get(hold_id)
        if found is None:
            raise HoldNotFound(f"There is no hold {hold_id}.", hold_id=str(hold_id))
        return found.as_of(self._clock())

    def holds(
        self,
        *,
        wallet_id: UUID | None,
        account_id: UUID | None = None,
        status: HoldStatus | None,
        reference: str | None,
        before: UUID | None,
        limit: int,
    ) -> list[Hold]:
        now = self._clock()
        with self._ledger.lock:
            holds = [hold.as_of(now) for hold in self._ledger.holds.values()]
            own = self._ledger.account_wallets.get(account_id, []) if account_id else []
        found = [
            hold
            for hold in holds
            if (wallet_id is None or hold.wallet_id == wallet_id)
            and (account_id is None or hold.wallet_id in own)
            and (status is None or hold.status is status)
            and (reference is None or hold.reference == reference)
        ]
        return newest_first(found, lambda hold: hold.id, before, limit)
