"""Withdraw money from a wallet out of the books."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.books import Books
from domain.idempotency import Outcome
from domain.post import post
from domain.transaction import Leg, TransactionType
from service_layer.money_command import MoneyCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(MoneyCommand):
    """Locks the wallet, never the external one that the money goes to.

    Errors: those of `post`.
    """

    for_bound: ClassVar[bool] = True

    wallet_id: UUID

    @property
    def wallet_ids(self) -> tuple[UUID, ...]:
        return (self.wallet_id,)

    def decide(self, books: Books) -> Outcome:
        source = Leg(wallet_id=self.wallet_id, amount=-self.amount, currency=self.currency)
        outside = Leg.outside(self.amount, self.currency)
        return Outcome.posted(post(self.entry(TransactionType.WITHDRAWAL, source, outside), books))
