"""Void a hold: give up what it reserves."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.audit_entry import Action
from domain.books import Books
from domain.idempotency import Outcome
from service_layer.claims import Claims
from service_layer.command import CommandBase
from service_layer.hold_json import hold_to_json
from service_layer.record_change import record_change


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidHold(CommandBase):
    """Locks the hold's wallet; its account may be frozen.

    Errors, in the order they are checked: HoldNotFound, HoldExpired or HoldNotPending.
    """

    for_bound: ClassVar[bool] = True

    hold_id: UUID

    @property
    def claims(self) -> Claims:
        return Claims(hold_ids=(self.hold_id,))

    def decide(self, books: Books) -> Outcome:
        hold = books.hold(self.hold_id)
        after = hold.after_void(books.now)
        wallet = books.wallet(hold.wallet_id)
        books.write_hold(after, wallet.holding(-hold.remaining))
        body = hold_to_json(after)
        record_change(books, self.caller, Action.HOLD_VOIDED, body, wallets=[wallet])
        return Outcome(body=body, request_id=self.caller.request_id)
