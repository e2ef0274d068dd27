"""Change the limits of a wallet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.audit_entry import Action
from domain.books import Books
from domain.idempotency import Outcome
from service_layer.account_json import wallet_to_json
from service_layer.claims import Claims
from service_layer.command import CommandBase
from service_layer.record_change import record_change


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLimits(CommandBase):
    """Locks the wallet. What is not among `changes` stays; its keys are overdraft_limit, max_balance.

    Errors, in the order they are checked: SystemWalletNamed or WalletNotFound, those of
    `Wallet.with_limits`.
    """

    wallet_id: UUID
    changes: Mapping[str, Any]

    @property
    def claims(self) -> Claims:
        return Claims(wallet_ids=(self.wallet_id,), shown_wallet_ids=(self.wallet_id,))

    def decide(self, books: Books) -> Outcome:
        wallet = books.wallet(self.wallet_id)
        limits: dict[str, Any] = {
            "overdraft_limit": wallet.overdraft_limit,
            "max_balance": wallet.max_balance,
        }
        changed = wallet.with_limits(**(limits | dict(self.changes)))
        if changed != wallet:
            books.write_wallet(changed, max(books.now, wallet.last_posted_at))
        body = wallet_to_json(changed, books)
        if changed != wallet:
            record_change(books, self.caller, Action.WALLET_CHANGED, body, wallets=[wallet])
        return Outcome(body=body, request_id=self.caller.request_id)
