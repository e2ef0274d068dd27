"""Replenish a wallet with money from outside the books."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from domain.books import Books
from domain.idempotency import Outcome
from domain.money import check_amount
from domain.post import post
from domain.transaction import Entry, Leg, TransactionType
from domain.wallet import external_wallet_id
from service_layer.command import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Replenish:
    """`amount` minor units, 1 … AMOUNT_MINOR_MAX. Locks the wallet, never the external one.

    Errors: those of `post`.
    """

    id: UUID
    caller: Caller
    wallet_id: UUID
    amount: int
    currency: str
    reference: str | None = None
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_amount(self.amount)

    @property
    def wallet_ids(self) -> tuple[UUID, ...]:
        return (self.wallet_id,)

    @property
    def account_reference(self) -> None:
        return None

    @property
    def transaction_reference(self) -> str | None:
        return self.reference

    def decide(self, books: Books) -> Outcome:
        transaction = post(self._entry(), books)
        return Outcome.posted(transaction)

    def _entry(self) -> Entry:
        external = external_wallet_id(self.currency)
        return Entry(
            id=self.id,
            type=TransactionType.REPLENISHMENT,
            legs=(
                Leg(
                    wallet_id=external,
                    amount=-self.amount,
                    currency=self.currency,
                    external=True,
                ),
                Leg(wallet_id=self.wallet_id, amount=self.amount, currency=self.currency),
            ),
            reference=self.reference,
            description=self.description,
            metadata=self.metadata,
            actor=self.caller.actor,
            request_id=self.caller.request_id,
        )
