"""Open an account with its first wallet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from domain.account import Account
from domain.audit_entry import Action
from domain.books import Books
from domain.idempotency import Outcome
from domain.wallet import Wallet
from service_layer.account_json import account_to_json
from service_layer.claims import Claims, named
from service_layer.command import CommandBase
from service_layer.record_change import record_change


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount(CommandBase):
    """Locks nothing. Errors, in this order: CurrencyNotEnabled, ReferenceTaken."""

    wallet_id: UUID
    name: str
    currency: str
    reference: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def claims(self) -> Claims:
        return Claims(account_references=named(self.reference))

    def decide(self, books: Books) -> Outcome:
        books.check_currency(self.currency)
        books.check_account_reference(self.reference)
        account = Account(
            id=self.id,
            name=self.name,
            reference=self.reference,
            metadata=self.metadata,
            created_at=books.now,
            updated_at=books.now,
        )
        wallet = Wallet(id=self.wallet_id, account_id=self.id, currency=self.currency)
        books.write_account(account, wallet)
        body = account_to_json(account, books)
        record_change(books, self.caller, Action.ACCOUNT_OPENED, body)
        return Outcome(body=body, request_id=self.caller.request_id)
