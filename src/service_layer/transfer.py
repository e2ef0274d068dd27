"""Transfer money from one wallet to another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from domain.books import Books
from domain.errors import SameWallet
from domain.idempotency import Outcome
from domain.money import check_amount
from domain.post import post
from domain.transaction import Entry, Leg, TransactionType
from service_layer.command import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """`amount` minor units, 1 … AMOUNT_MINOR_MAX. Locks both wallets.

    Errors: SameWallet, then those of `post`.
    """

    id: UUID
    caller: Caller
    source_wallet_id: UUID
    destination_wallet_id: UUID
    amount: int
    currency: str
    reference: str | None = None
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_amount(self.amount)

    @property
    def wallet_ids(self) -> tuple[UUID, ...]:
        return (self.source_wallet_id, self.destination_wallet_id)

    @property
    def account_reference(self) -> None:
        return None

    @property
    def transaction_reference(self) -> str | None:
        return self.reference

    def decide(self, books: Books) -> Outcome:
        if self.source_wallet_id == self.destination_wallet_id:
            raise SameWallet(
                "Source and destination are the same wallet.", wallet_id=str(self.source_wallet_id)
            )
        transaction = post(self._entry(), books)
        return Outcome.posted(transaction)

    def _entry(self) -> Entry:
        return Entry(
            id=self.id,
            type=TransactionType.TRANSFER,
            legs=(
                Leg(
                    wallet_id=self.source_wallet_id,
                    amount=-self.amount,
                    currency=self.currency,
                ),
                Leg(
                    wallet_id=self.destination_wallet_id,
                    amount=self.amount,
                    currency=self.currency,
                ),
            ),
            reference=self.reference,
            description=self.description,
            metadata=self.metadata,
            actor=self.caller.actor,
            request_id=self.caller.request_id,
        )
