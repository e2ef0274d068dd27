"""Reverse a transaction: take it back, whole or in part."""

from dataclasses import dataclass
from uuid import UUID

from domain.books import Books
from domain.errors import InsufficientFunds
from domain.idempotency import Outcome
from domain.money import check_amount
from domain.post import post
from domain.reversal import Original
from domain.transaction import Entry, Transaction, TransactionType
from service_layer.money_command import TransactionCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Reverse(TransactionCommand):
    """Locks the wallets of the original, which keeps its other reversals out.

    `amount` minor units, all that remains when it is None. Errors, in the order they are checked:
    TransactionNotFound, NotReversible, ExceedsOriginal, those of `post`.
    """

    transaction_id: UUID
    amount: int | None = None

    def __post_init__(self) -> None:
        if self.amount is not None:
            check_amount(self.amount)

    @property
    def transaction_ids(self) -> tuple[UUID, ...]:
        return (self.transaction_id,)

    def decide(self, books: Books) -> Outcome:
        original = books.original(self.transaction_id)
        legs = original.legs_back(self.amount)
        entry = self.entry(TransactionType.REVERSAL, *legs, reverses=original.id)
        transaction = _post(entry, original, books)
        books.write_reversed(original.after(transaction.postings))
        return Outcome.posted(transaction)


def _post(entry: Entry, original: Original, books: Books) -> Transaction:
    """Post it; when the money is no longer there, the refusal says so."""
    try:
        return post(entry, books)
    except InsufficientFunds as error:
        spent = f"Money of transaction {original.id} has been spent or is held. {error.detail}"
        data = {"transaction_id": str(original.id)} | error.data
        raise InsufficientFunds(spent, **data) from None
