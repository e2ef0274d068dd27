"""Split an amount from one wallet among several."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.books import Books
from domain.errors import SameWallet
from domain.idempotency import Outcome
from domain.post import post
from domain.split import Share, allocate
from domain.transaction import Leg, TransactionType
from service_layer.money_command import MoneyCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(MoneyCommand):
    """Locks all wallets. A share that comes to nothing has no posting.

    Errors: SameWallet, Unbalanced when the shares do not make the whole, then those of `post`.
    """

    for_bound: ClassVar[bool] = True

    source_wallet_id: UUID
    shares: tuple[Share, ...]

    @property
    def wallet_ids(self) -> tuple[UUID, ...]:
        return (self.source_wallet_id, *(share.wallet_id for share in self.shares))

    @property
    def own_wallet_ids(self) -> tuple[UUID, ...]:
        return (self.source_wallet_id,)

    def decide(self, books: Books) -> Outcome:
        if any(share.wallet_id == self.source_wallet_id for share in self.shares):
            raise SameWallet(
                "The source has a share in its own money.", wallet_id=str(self.source_wallet_id)
            )
        parts = allocate(self.amount, self.shares)
        source = Leg(wallet_id=self.source_wallet_id, amount=-self.amount, currency=self.currency)
        destinations = [
            Leg(wallet_id=part.share.wallet_id, amount=part.amount, currency=self.currency)
            for part in parts
            if part.amount
        ]
        entry = self.entry(TransactionType.SPLIT, source, *destinations, allocation=parts)
        return Outcome.posted(post(entry, books))
