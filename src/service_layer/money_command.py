"""What all commands that make a transaction have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from domain.money import check_amount
from domain.split import Part
from domain.transaction import Entry, Leg, TransactionType
from service_layer.claims import Claims, named
from service_layer.command import CommandBase


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionCommand(CommandBase):
    """`id` is that of the transaction; what it is called is for the caller."""

    reference: str | None = None
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def claims(self) -> Claims:
        return Claims(
            wallet_ids=self.wallet_ids,
            hold_ids=self.hold_ids,
            transaction_ids=self.transaction_ids,
            quote_ids=self.quote_ids,
            transaction_references=named(self.reference),
        )

    @property
    def wallet_ids(self) -> tuple[UUID, ...]:
        """The wallets that it names."""
        return ()

    @property
    def hold_ids(self) -> tuple[UUID, ...]:
        """The holds whose wallets it touches."""
        return ()

    @property
    def transaction_ids(self) -> tuple[UUID, ...]:
        """The transactions made before whose wallets it touches."""
        return ()

    @property
    def quote_ids(self) -> tuple[UUID, ...]:
        """The quotes that it uses."""
        return ()

    def entry(
        self,
        type: TransactionType,
        *legs: Leg,
        reverses: UUID | None = None,
        hold_id: UUID | None = None,
        allocation: tuple[Part, ...] = (),
        quote_id: UUID | None = None,
    ) -> Entry:
        """The transaction that is asked for."""
        return Entry(
            id=self.id,
            type=type,
            legs=legs,
            reverses=reverses,
            hold_id=hold_id,
            allocation=allocation,
            quote_id=quote_id,
            reference=self.reference,
            description=self.description,
            metadata=self.metadata,
            actor=self.caller.actor,
            request_id=self.caller.request_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyCommand(TransactionCommand):
    """Moves one amount: `amount` minor units of `currency`, 1 … AMOUNT_MINOR_MAX."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        check_amount(self.amount)
