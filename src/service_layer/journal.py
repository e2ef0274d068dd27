"""Post a transaction of many legs."""

from dataclasses import dataclass
from uuid import UUID

from domain.books import Books
from domain.idempotency import Outcome
from domain.post import post
from domain.transaction import Leg, TransactionType
from service_layer.money_command import TransactionCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal(TransactionCommand):
    """Locks all wallets of its legs, each of which may stand in several.

    Errors: those of `post`.
    """

    legs: tuple[Leg, ...]

    @property
    def wallet_ids(self) -> tuple[UUID, ...]:
        return tuple(leg.wallet_id for leg in self.legs)

    def decide(self, books: Books) -> Outcome:
        return Outcome.posted(post(self.entry(TransactionType.JOURNAL, *self.legs), books))
