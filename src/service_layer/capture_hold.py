"""Capture a hold: pay out of what it reserves."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.books import Books
from domain.errors import SameWallet
from domain.idempotency import Outcome
from domain.money import check_amount
from domain.post import post
from domain.transaction import Leg, TransactionType
from service_layer.money_command import TransactionCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureHold(TransactionCommand):
    """Locks the hold's wallet, as well as the destination when there is one.

    `amount` minor units, all that remains when it is None; the rest is released unless `final` is false.
    Errors, in the order they are checked: HoldNotFound, HoldExpired or HoldNotPending, ExceedsHold,
    DestinationDiffers, SameWallet, those of `post`.
    """

    for_bound: ClassVar[bool] = True

    hold_id: UUID
    amount: int | None = None
    destination_wallet_id: UUID | None = None
    final: bool = True

    def __post_init__(self) -> None:
        if self.amount is not None:
            check_amount(self.amount)

    @property
    def wallet_ids(self) -> tuple[UUID, ...]:
        return () if self.destination_wallet_id is None else (self.destination_wallet_id,)

    @property
    def own_wallet_ids(self) -> tuple[UUID, ...]:
        return ()

    @property
    def hold_ids(self) -> tuple[UUID, ...]:
        return (self.hold_id,)

    def decide(self, books: Books) -> Outcome:
        hold = books.hold(self.hold_id)
        amount = hold.to_capture(self.amount)
        destination = hold.destination(self.destination_wallet_id)
        if destination == hold.wallet_id:
            raise SameWallet(
                "The destination is the wallet that the hold is on.", wallet_id=str(destination)
            )
        after = hold.after_capture(amount, books.now, final=self.final)
        source = Leg(
            wallet_id=hold.wallet_id,
            amount=-amount,
            currency=hold.currency,
            released=hold.remaining - after.remaining,
        )
        paid = _paid(destination, amount, hold.currency)
        entry = self.entry(TransactionType.CAPTURE, source, paid, hold_id=hold.id)
        transaction = post(entry, books)
        books.write_hold(after, books.wallet(hold.wallet_id))
        return Outcome.posted(transaction)


def _paid(destination: UUID | None, amount: int, currency: str) -> Leg:
    """The leg that is paid: the destination, or the world outside the books."""
    if destination is not None:
        return Leg(wallet_id=destination, amount=amount, currency=currency)
    return Leg.outside(amount, currency)
