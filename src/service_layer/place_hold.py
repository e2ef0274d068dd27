"""Place a hold: reserve money on a wallet."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain.audit_entry import Action
from domain.books import Books
from domain.errors import HoldExpired, SameWallet
from domain.hold import Hold
from domain.idempotency import Outcome
from service_layer.claims import Claims, named
from service_layer.hold_json import hold_to_json
from service_layer.money_command import MoneyCommand
from service_layer.record_change import record_change


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold(MoneyCommand):
    """Locks the wallet, as well as the destination when there is one.

    Errors, in the order they are checked: SameWallet; of the wallet, then of the destination,
    SystemWalletNamed or WalletNotFound; ReferenceTaken; HoldExpired; CurrencyNotEnabled (when it is not the
    wallet's either), those of `Wallet.check_hold`; AccountClosed or CurrencyMismatch of the destination.
    """

    for_bound: ClassVar[bool] = True

    wallet_id: UUID
    destination_wallet_id: UUID | None = None
    expires_at: datetime | None = None

    @property
    def wallet_ids(self) -> tuple[UUID, ...]:
        if self.destination_wallet_id is None:
            return (self.wallet_id,)
        return (self.wallet_id, self.destination_wallet_id)

    @property
    def own_wallet_ids(self) -> tuple[UUID, ...]:
        return (self.wallet_id,)

    @property
    def claims(self) -> Claims:
        return Claims(wallet_ids=self.wallet_ids, hold_references=named(self.reference))

    def decide(self, books: Books) -> Outcome:
        if self.wallet_id == self.destination_wallet_id:
            raise SameWallet(
                "A hold cannot be for the wallet that it is on.", wallet_id=str(self.wallet_id)
            )
        wallet = books.wallet(self.wallet_id)
        to = self.destination_wallet_id
        destination = None if to is None else books.wallet(to)
        books.check_hold_reference(self.reference)
        self._check_expiry(books.now)
        if self.currency != wallet.currency:
            books.check_currency(self.currency)
        wallet.check_hold(self.amount, self.currency)
        if destination is not None:
            # A posting of nothing: all but the amount is checked, which counts when it is captured.
            destination.check_posting(0, self.currency)
        hold = self._hold(books.now)
        books.write_hold(hold, wallet.holding(self.amount))
        body = hold_to_json(hold)
        record_change(books, self.caller, Action.HOLD_PLACED, body, wallets=[wallet])
        return Outcome(body=body, request_id=self.caller.request_id)

    def _check_expiry(self, now: datetime) -> None:
        if self.expires_at is not None and self.expires_at <= now:
            raise HoldExpired("The hold would have expired before it is placed.")

    def _hold(self, now: datetime) -> Hold:
        return Hold(
            id=self.id,
            wallet_id=self.wallet_id,
            destination_wallet_id=self.destination_wallet_id,
            amount=self.amount,
            currency=self.currency,
            expires_at=self.expires_at,
            reference=self.reference,
            description=self.description,
            metadata=self.metadata,
            actor=self.caller.actor,
            request_id=self.caller.request_id,
            created_at=now,
            updated_at=now,
        )
