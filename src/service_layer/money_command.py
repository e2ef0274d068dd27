"""What all commands that move one amount have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from domain.money import check_amount
from domain.transaction import Entry, Leg, TransactionType
from service_layer.command import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyCommand:
    """`amount` minor units of `currency`, 1 … AMOUNT_MINOR_MAX; what else it is called is for the caller."""

    id: UUID
    caller: Caller
    amount: int
    currency: str
    reference: str | None = None
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_amount(self.amount)

    @property
    def hold_ids(self) -> tuple[UUID, ...]:
        return ()

    @property
    def account_reference(self) -> None:
        return None

    @property
    def transaction_reference(self) -> str | None:
        return self.reference

    @property
    def hold_reference(self) -> str | None:
        return None

    def entry(self, type: TransactionType, source: Leg, destination: Leg) -> Entry:
        """The transaction that is asked for, from one leg to the other."""
        return Entry(
            id=self.id,
            type=type,
            legs=(source, destination),
            reference=self.reference,
            description=self.description,
            metadata=self.metadata,
            actor=self.caller.actor,
            request_id=self.caller.request_id,
        )
