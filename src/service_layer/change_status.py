"""Freeze, unfreeze or close an account."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.account import check_empty
from domain.audit_entry import Action
from domain.books import Books
from domain.idempotency import Outcome
from domain.wallet import Status
from service_layer.account_json import account_to_json
from service_layer.claims import Claims
from service_layer.command import CommandBase
from service_layer.record_change import record_change

ACTIONS = {
    Status.ACTIVE: Action.ACCOUNT_UNFROZEN,
    Status.FROZEN: Action.ACCOUNT_FROZEN,
    Status.CLOSED: Action.ACCOUNT_CLOSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStatus(CommandBase):
    """Locks the account, with its wallets. An account that has the status already stays as it is.

    Errors, in the order they are checked: AccountNotFound; AccountClosed unless it shall be closed;
    AccountNotEmpty when it shall.
    """

    account_id: UUID
    status: Status

    @property
    def claims(self) -> Claims:
        return Claims(account_ids=(self.account_id,))

    def decide(self, books: Books) -> Outcome:
        account = books.account(self.account_id)
        if account.status is self.status:
            return self._outcome(account_to_json(account, books))
        account.check_not_closed()
        if self.status is Status.CLOSED:
            check_empty(books.wallets_of(account.id))
        account = account.changed(books.now, status=self.status)
        books.write_changed_account(account)
        body = account_to_json(account, books)
        wallets = books.wallets_of(account.id)
        record_change(books, self.caller, ACTIONS[self.status], body, wallets=wallets)
        return self._outcome(body)

    def _outcome(self, body: dict[str, Any]) -> Outcome:
        return Outcome(body=body, request_id=self.caller.request_id)
