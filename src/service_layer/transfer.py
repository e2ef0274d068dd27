"""Transfer money from one wallet to another."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.books import Books
from domain.errors import SameWallet
from domain.idempotency import Outcome
from domain.post import post
from domain.transaction import Leg, TransactionType
from service_layer.money_command import MoneyCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(MoneyCommand):
    """Locks both wallets.

    Errors: SameWallet, then those of `post`.
    """

    for_bound: ClassVar[bool] = True

    source_wallet_id: UUID
    destination_wallet_id: UUID

    @property
    def wallet_ids(self) -> tuple[UUID, ...]:
        return (self.source_wallet_id, self.destination_wallet_id)

    @property
    def own_wallet_ids(self) -> tuple[UUID, ...]:
        return (self.source_wallet_id,)

    def decide(self, books: Books) -> Outcome:
        if self.source_wallet_id == self.destination_wallet_id:
            raise SameWallet(
                "Source and destination are the same wallet.", wallet_id=str(self.source_wallet_id)
            )
        source = Leg(wallet_id=self.source_wallet_id, amount=-self.amount, currency=self.currency)
        destination = Leg(
            wallet_id=self.destination_wallet_id, amount=self.amount, currency=self.currency
        )
        return Outcome.posted(
            post(self.entry(TransactionType.TRANSFER, source, destination), books)
        )
