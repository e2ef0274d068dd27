"""Open an account with its first wallet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.account import Account
from domain.books import Books
from domain.idempotency import Outcome
from domain.wallet import Wallet
from service_layer.command import CommandBase
from service_layer.read_models import AccountView, WalletView


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount(CommandBase):
    """Locks nothing. Errors, in this order: CurrencyNotEnabled, ReferenceTaken."""

    wallet_id: UUID
    name: str
    currency: str
    reference: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def account_reference(self) -> str | None:
        return self.reference

    def decide(self, books: Books) -> Outcome:
        books.check_currency(self.currency)
        books.check_account_reference(self.reference)
        account = Account(
            id=self.id,
            name=self.name,
            reference=self.reference,
            metadata=self.metadata,
            created_at=books.now,
        )
        wallet = Wallet(id=self.wallet_id, account_id=self.id, currency=self.currency)
        books.write_account(account, wallet)
        return Outcome(body=_answer(account, wallet), request_id=self.caller.request_id)


def _answer(account: Account, wallet: Wallet) -> dict[str, Any]:
    """The account as it was when it was opened, in JSON types: kept under the key."""
    wallet_view = WalletView.of(
        wallet, created_at=account.created_at, updated_at=account.created_at
    )
    return AccountView.of_new(account, (wallet_view,)).to_json()
