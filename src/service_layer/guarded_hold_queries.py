"""Queries about holds as a caller may ask them: a bound one sees the holds on its account's wallets."""

from uuid import UUID

from domain.errors import HoldNotFound, WalletNotFound
from domain.hold import Hold, HoldStatus
from service_layer.guarded_queries import BoundTo, GuardedQueries
from service_layer.hold_queries import HoldQueries


class GuardedHoldQueries:
    """`queries` are guarded: they know whose a wallet is."""

    def __init__(self, holds: HoldQueries, queries: GuardedQueries, bound_to: BoundTo) -> None:
        self._holds = holds
        self._queries = queries
        self._bound_to = bound_to

    def hold(self, hold_id: UUID) -> Hold:
        found = self._holds.hold(hold_id)
        if self._bound_to() is not None:
            try:
                self._queries.wallet(found.wallet_id)
            except WalletNotFound:
                raise HoldNotFound(f"There is no hold {hold_id}.", hold_id=str(hold_id)) from None
        return found

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
        own = self._bound_to()
        if own is not None:
            if account_id not in (None, own):
                return []
            account_id = own
        return self._holds.holds(
            wallet_id=wallet_id,
            account_id=account_id,
            status=status,
            reference=reference,
            before=before,
            limit=limit,
        )
