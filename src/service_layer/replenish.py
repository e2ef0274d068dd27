"""Replenish a wallet with money from outside the books."""

from dataclasses import dataclass
from uuid import UUID

from domain.books import Books
from domain.idempotency import Outcome
from domain.post import post
from domain.transaction import Leg, TransactionType
from service_layer.money_command import MoneyCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Replenish(MoneyCommand):
    """Locks the wallet, never the external one that the money comes from.

    Errors: those of `post`.
    """

    wallet_id: UUID

    @property
    def wallet_ids(self) -> tuple[UUID, ...]:
        return (self.wallet_id,)

    def decide(self, books: Books) -> Outcome:
        outside = Leg.outside(-self.amount, self.currency)
        destination = Leg(wallet_id=self.wallet_id, amount=self.amount, currency=self.currency)
        entry = self.entry(TransactionType.REPLENISHMENT, outside, destination)
        return Outcome.posted(post(entry, books))
