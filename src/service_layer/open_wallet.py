"""Open a further wallet of an account, in another currency."""

from dataclasses import dataclass
from uuid import UUID

from domain.audit_entry import Action
from domain.books import Books
from domain.errors import WalletExists
from domain.idempotency import Outcome
from domain.wallet import Wallet
from service_layer.account_json import wallet_to_json
from service_layer.claims import Claims
from service_layer.command import CommandBase
from service_layer.record_change import record_change


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWallet(CommandBase):
    """Locks the account, with its wallets; the new one has its status. Limits are in minor units.

    Errors, in the order they are checked: AccountNotFound, AccountClosed, CurrencyNotEnabled, WalletExists.
    """

    account_id: UUID
    currency: str
    overdraft_limit: int = 0
    max_balance: int | None = None

    @property
    def claims(self) -> Claims:
        return Claims(account_ids=(self.account_id,))

    def decide(self, books: Books) -> Outcome:
        account = books.account(self.account_id)
        account.check_not_closed()
        books.check_currency(self.currency)
        for other in books.wallets_of(account.id):
            if other.currency == self.currency:
                raise WalletExists(
                    f"Account {account.id} has a wallet of {self.currency}.",
                    wallet_id=str(other.id),
                )
        wallet = Wallet(
            id=self.id,
            account_id=account.id,
            currency=self.currency,
            status=account.status,
            overdraft_limit=self.overdraft_limit,
            max_balance=self.max_balance,
        )
        books.write_new_wallet(wallet)
        body = wallet_to_json(wallet, books)
        record_change(books, self.caller, Action.WALLET_OPENED, body)
        return Outcome(body=body, request_id=self.caller.request_id)
