"""Update what an account is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.audit_entry import Action
from domain.books import Books
from domain.idempotency import Outcome
from service_layer.account_json import account_to_json
from service_layer.claims import Claims
from service_layer.command import CommandBase
from service_layer.record_change import record_change


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateAccount(CommandBase):
    """Locks the account, with its wallets. What is None stays as it is; a closed account has a name, too.

    `metadata` replaces all that there was. A change that changes nothing makes no new version.
    Errors, in the order they are checked: AccountNotFound, VersionConflict.
    """

    account_id: UUID
    version: int
    name: str | None = None
    metadata: Mapping[str, str] | None = None

    @property
    def claims(self) -> Claims:
        return Claims(account_ids=(self.account_id,))

    def decide(self, books: Books) -> Outcome:
        account = books.account(self.account_id)
        account.check_version(self.version)
        asked: dict[str, Any] = {"name": self.name, "metadata": self.metadata}
        changes = {
            name: value
            for name, value in asked.items()
            if value is not None and value != getattr(account, name)
        }
        if changes:
            account = account.changed(books.now, **changes)
            books.write_changed_account(account)
        body = account_to_json(account, books)
        if changes:
            record_change(books, self.caller, Action.ACCOUNT_CHANGED, body)
        return Outcome(body=body, request_id=self.caller.request_id)
