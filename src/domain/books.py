"""The books of one batch: the wallets it has locked beside what its commands have written so far.

A command sees what earlier commands of the batch did. It first checks everything and then writes, so that
a refused command leaves no mark.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from uuid import UUID

from domain.account import Account
from domain.api_key import ApiKey
from domain.audit_entry import AuditEntry
from domain.errors import (
    AccountNotFound,
    ApiKeyNotFound,
    CurrencyNotEnabled,
    HoldNotFound,
    QuoteNotFound,
    ReferenceTaken,
    SystemWalletNamed,
    TransactionNotFound,
    WalletNotFound,
    WebhookDeliveryNotFound,
    WebhookEndpointNotFound,
)
from domain.hold import Expired, Hold
from domain.idempotency import IdempotencyKey, KeptOutcome
from domain.quote import Quote
from domain.reversal import Original
from domain.transaction import Transaction
from domain.wallet import Wallet
from domain.webhook_delivery import Delivery
from domain.webhook_endpoint import WebhookEndpoint

TICK = timedelta(microseconds=1)


@dataclass(slots=True, kw_only=True)
class Books:
    """Read under the locks: `wallets`, `kept` outcomes, references in use; then `now` is taken.

    `currencies` are the codes that new wallets may have. `system_wallet_ids` are those of the system that
    commands have named.

    `account_wallets` are all wallets of the `accounts` that commands have named, the oldest first;
    `row_times` are when the rows of wallets that will be shown were made, and last changed.

    Written are: `touched` wallets (`changed_at` has the times at which more than their postings changed,
    where it did), what is new or changed, and that the due holds on the wallets in `expired` are over.
    """

    currencies: frozenset[str]
    wallets: dict[UUID, Wallet] = field(default_factory=dict)
    system_wallet_ids: frozenset[UUID] = frozenset()
    kept: dict[tuple[str, str], KeptOutcome] = field(default_factory=dict)
    account_references: set[str] = field(default_factory=set)
    transaction_references: set[str] = field(default_factory=set)
    accounts: dict[UUID, Account] = field(default_factory=dict)
    account_wallets: dict[UUID, tuple[UUID, ...]] = field(default_factory=dict)
    row_times: dict[UUID, tuple[datetime, datetime]] = field(default_factory=dict)
    originals: dict[UUID, Original] = field(default_factory=dict)
    holds: dict[UUID, Hold] = field(default_factory=dict)
    hold_references: set[str] = field(default_factory=set)
    quotes: dict[UUID, Quote] = field(default_factory=dict)
    api_keys: dict[UUID, ApiKey] = field(default_factory=dict)
    now: datetime

    touched: dict[UUID, Wallet] = field(default_factory=dict)
    new_transactions: list[Transaction] = field(default_factory=list)
    new_accounts: list[Account] = field(default_factory=list)
    changed_accounts: dict[UUID, Account] = field(default_factory=dict)
    new_wallets: list[Wallet] = field(default_factory=list)
    new_outcomes: list[tuple[IdempotencyKey, KeptOutcome]] = field(default_factory=list)
    new_holds: dict[UUID, Hold] = field(default_factory=dict)
    changed_holds: dict[UUID, Hold] = field(default_factory=dict)
    expired: dict[UUID, Expired] = field(default_factory=dict)
    changed_at: dict[UUID, datetime] = field(default_factory=dict)
    new_quotes: list[Quote] = field(default_factory=list)
    written_api_keys: dict[UUID, ApiKey] = field(default_factory=dict)
    new_entries: list[AuditEntry] = field(default_factory=list)

    endpoints: dict[UUID, WebhookEndpoint] = field(default_factory=dict)
    endpoint_count: int = 0
    deliveries: dict[UUID, Delivery] = field(default_factory=dict)
    written_endpoints: dict[UUID, WebhookEndpoint] = field(default_factory=dict)
    started_endpoints: set[UUID] = field(default_factory=set)
    written_deliveries: dict[UUID, Delivery] = field(default_factory=dict)

    def release_expired(self, expired: Mapping[UUID, Expired]) -> None:
        """Before anything else: what holds had reserved on these wallets, whose instant has come, is free."""
        self.expired.update(expired)
        for wallet_id, each in expired.items():
            self.write_wallet(self.wallets[wallet_id].holding(-each.remaining), each.last)

    def copy(self) -> "Books":
        """Books to try something on: what is written there is not written here."""
        copied = copy(self)
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, dict | list | set):
                setattr(copied, each.name, value.copy())
        return copied

    def adopt(self, tried: "Books") -> None:
        """Take over all that was written on a copy of these books."""
        for each in fields(self):
            setattr(self, each.name, getattr(tried, each.name))

    def wallet(self, wallet_id: UUID) -> Wallet:
        """The wallet as this batch has left it; SystemWalletNamed or WalletNotFound."""
        found = self.wallets.get(wallet_id)
        if found is not None:
            return found
        if wallet_id in self.system_wallet_ids:
            raise SystemWalletNamed(
                f"Wallet {wallet_id} belongs to the system.", wallet_id=str(wallet_id)
            )
        raise WalletNotFound(f"There is no wallet {wallet_id}.", wallet_id=str(wallet_id))

    def check_currency(self, currency: str) -> None:
        """Refuse a currency that new wallets may not have: CurrencyNotEnabled."""
        if currency not in self.currencies:
            raise CurrencyNotEnabled(f"{currency} is not enabled here.", currency=currency)

    def check_transaction_reference(self, reference: str | None) -> None:
        """Refuse a reference that another transaction has: ReferenceTaken."""
        if reference is not None and reference in self.transaction_references:
            raise ReferenceTaken(
                f"Another transaction has the reference {reference!r}.", reference=reference
            )

    def check_account_reference(self, reference: str | None) -> None:
        """Refuse a reference that another account has: ReferenceTaken."""
        if reference is not None and reference in self.account_references:
            raise ReferenceTaken(
                f"Another account has the reference {reference!r}.", reference=reference
            )

    def hold(self, hold_id: UUID) -> Hold:
        """The hold as this batch has left it, expired when its instant has come; HoldNotFound."""
        found = self.holds.get(hold_id)
        if found is None:
            raise HoldNotFound(f"There is no hold {hold_id}.", hold_id=str(hold_id))
        return found.as_of(self.now)

    def check_hold_reference(self, reference: str | None) -> None:
        """Refuse a reference that another hold has: ReferenceTaken."""
        if reference is not None and reference in self.hold_references:
            raise ReferenceTaken(
                f"Another hold has the reference {reference!r}.", reference=reference
            )

    def account(self, account_id: UUID) -> Account:
        """The account as this batch has left it; AccountNotFound."""
        found = self.accounts.get(account_id)
        if found is None:
            raise AccountNotFound(f"There is no account {account_id}.")
        return found

    def wallets_of(self, account_id: UUID) -> list[Wallet]:
        """All wallets of an account that is among `accounts`, the oldest first."""
        return [self.wallets[id] for id in self.account_wallets[account_id]]

    def times_of(self, wallet: Wallet) -> tuple[datetime, datetime]:
        """When the row of a wallet that is shown was made, and when it last changed."""
        created_at, updated_at = self.row_times[wallet.id]
        changed_at = self.changed_at.get(wallet.id, updated_at)
        return created_at, max(updated_at, changed_at, wallet.last_posted_at)

    def original(self, transaction_id: UUID) -> Original:
        """A transaction made before, with what of it was reversed; TransactionNotFound."""
        found = self.originals.get(transaction_id)
        if found is None:
            raise TransactionNotFound(f"There is no transaction {transaction_id}.")
        return found

    def quote(self, quote_id: UUID) -> Quote:
        """The quote as this batch has left it, expired when its instant has come; QuoteNotFound."""
        found = self.quotes.get(quote_id)
        if found is None:
            raise QuoteNotFound(f"There is no quote {quote_id}.", quote_id=str(quote_id))
        return found.as_of(self.now)

    def time_for(self, wallets: Iterable[Wallet]) -> datetime:
        """The time of the next posting on `wallets`: now, but after their last one."""
        return max([self.now, *(wallet.last_posted_at + TICK for wallet in wallets)])

    def write_transaction(self, transaction: Transaction, after: Mapping[UUID, Wallet]) -> None:
        """Enter a transaction that was checked, with the wallets as it leaves them."""
        self.new_transactions.append(transaction)
        self.wallets.update(after)
        self.touched.update(after)
        if transaction.reference is not None:
            self.transaction_references.add(transaction.reference)
        if transaction.quote_id is not None:
            used = self.quotes[transaction.quote_id].used_by(transaction.id)
            self.quotes[transaction.quote_id] = used

    def write_quote(self, quote: Quote) -> None:
        """Enter a new quote."""
        self.new_quotes.append(quote)
        self.quotes[quote.id] = quote

    def write_account(self, account: Account, wallet: Wallet) -> None:
        """Enter a new account with its first wallet."""
        self.new_accounts.append(account)
        self.accounts[account.id] = account
        if account.reference is not None:
            self.account_references.add(account.reference)
        self.write_new_wallet(wallet)

    def write_new_wallet(self, wallet: Wallet) -> None:
        """Enter a new wallet, made now."""
        self.new_wallets.append(wallet)
        self.wallets[wallet.id] = wallet
        self.row_times[wallet.id] = (self.now, self.now)
        others = self.account_wallets.get(wallet.account_id, ())
        self.account_wallets[wallet.account_id] = tuple(sorted((*others, wallet.id)))

    def write_changed_account(self, account: Account) -> None:
        """Enter a change of an account, with its status on each of its wallets."""
        self.accounts[account.id] = self.changed_accounts[account.id] = account
        for wallet in self.wallets_of(account.id):
            if wallet.status is not account.status:
                self.write_wallet(wallet.with_status(account.status), account.updated_at)

    def write_reversed(self, original: Original) -> None:
        """Note what a reversal of this batch has taken back, for the next one."""
        self.originals[original.id] = original

    def write_hold(self, hold: Hold, wallet: Wallet) -> None:
        """Enter a hold, new or changed, with its wallet as that leaves it."""
        new = hold.id not in self.holds or hold.id in self.new_holds
        (self.new_holds if new else self.changed_holds)[hold.id] = hold
        self.holds[hold.id] = hold
        if hold.reference is not None:
            self.hold_references.add(hold.reference)
        self.write_wallet(wallet, hold.updated_at)

    def write_wallet(self, wallet: Wallet, at: datetime) -> None:
        """Enter a wallet of which more than its postings changed at that time, or later."""
        self.wallets[wallet.id] = self.touched[wallet.id] = wallet
        self.changed_at[wallet.id] = max(at, self.changed_at.get(wallet.id, at))

    def api_key(self, api_key_id: UUID) -> ApiKey:
        """The API key as this batch has left it; ApiKeyNotFound."""
        found = self.api_keys.get(api_key_id)
        if found is None:
            raise ApiKeyNotFound(f"There is no API key {api_key_id}.", api_key_id=str(api_key_id))
        return found

    def write_api_key(self, key: ApiKey) -> None:
        """Enter an API key, new or changed."""
        self.api_keys[key.id] = self.written_api_keys[key.id] = key

    def endpoint(self, endpoint_id: UUID) -> WebhookEndpoint:
        """The endpoint as this batch has left it; WebhookEndpointNotFound."""
        found = self.endpoints.get(endpoint_id)
        if found is None:
            raise WebhookEndpointNotFound(f"There is no webhook endpoint {endpoint_id}.")
        return found

    def write_endpoint(self, endpoint: WebhookEndpoint, *, starts: bool = False) -> None:
        """Enter an endpoint, new or changed; when it `starts`, it gets what happens from now on."""
        self.endpoint_count += endpoint.id not in self.endpoints
        self.endpoints[endpoint.id] = self.written_endpoints[endpoint.id] = endpoint
        if starts:
            self.started_endpoints.add(endpoint.id)

    def delivery(self, delivery_id: UUID) -> Delivery:
        """The delivery as this batch has left it; WebhookDeliveryNotFound."""
        found = self.deliveries.get(delivery_id)
        if found is None:
            raise WebhookDeliveryNotFound(f"There is no webhook delivery {delivery_id}.")
        return found

    def write_delivery(self, delivery: Delivery) -> None:
        """Enter a delivery that has changed."""
        self.deliveries[delivery.id] = self.written_deliveries[delivery.id] = delivery

    def write_entry(self, entry: AuditEntry) -> None:
        """Enter what is to be said of a change; a transaction speaks for itself."""
        self.new_entries.append(entry)

    def keep(self, key: IdempotencyKey, kept: KeptOutcome) -> None:
        """Keep an outcome under its key, for a later command of the batch and for good."""
        self.kept[key.name] = kept
        self.new_outcomes.append((key, kept))
