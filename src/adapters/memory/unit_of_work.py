"""A unit of work on the in-memory ledger: it publishes on commit only."""

from bisect import insort
from datetime import datetime
from itertools import chain
from types import TracebackType
from typing import Self

from adapters.memory.ledger import Ledger, WalletRow
from domain.account import Account
from domain.audit_entry import AuditEntry
from domain.books import Books
from domain.transaction import Transaction
from domain.wallet import Wallet, system_wallet_ids
from service_layer.claims import Claims
from service_layer.expire_holds import expire_holds
from service_layer.ports import Clock


class MemoryUnitOfWork:
    """Copies the rows that a batch names, not the ledger. Locks the whole ledger until it ends."""

    def __init__(self, ledger: Ledger, clock: Clock, currencies: frozenset[str]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._currencies = currencies
        self._written: Books | None = None

    def __enter__(self) -> Self:
        self._ledger.lock.acquire()
        self._written = None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ledger.lock.release()

    def open_books(self, claims: Claims) -> Books:
        ledger = self._ledger
        holds = {id: ledger.holds[id] for id in claims.hold_ids if id in ledger.holds}
        accounts = {id: ledger.accounts[id] for id in claims.account_ids if id in ledger.accounts}
        account_wallets = {id: tuple(ledger.account_wallets[id]) for id in accounts}
        shown = {
            *claims.shown_wallet_ids,
            *chain(*account_wallets.values()),
        } & ledger.wallets.keys()
        originals = {
            id: ledger.original(id) for id in claims.transaction_ids if id in ledger.transactions
        }
        wallet_ids = {
            *claims.wallet_ids,
            *shown,
            *chain.from_iterable(hold.wallet_ids for hold in holds.values()),
            *(each.wallet_id for made in originals.values() for each in made.postings),
        }
        books = Books(
            currencies=self._currencies,
            system_wallet_ids=frozenset(
                id for currency in self._currencies for id in system_wallet_ids(currency)
            ),
            wallets={id: ledger.wallets[id].wallet for id in wallet_ids if id in ledger.wallets},
            kept={name: ledger.kept[name] for name in claims.key_names if name in ledger.kept},
            accounts=accounts,
            account_wallets=account_wallets,
            row_times={id: ledger.wallets[id].times for id in shown},
            originals=originals,
            account_references=ledger.account_references.keys() & set(claims.account_references),
            transaction_references=(
                ledger.transaction_references.keys() & set(claims.transaction_references)
            ),
            holds=holds,
            hold_references=ledger.hold_references.keys() & set(claims.hold_references),
            quotes={id: ledger.quotes[id] for id in claims.quote_ids if id in ledger.quotes},
            api_keys={
                id: ledger.api_keys[id] for id in claims.api_key_ids if id in ledger.api_keys
            },
            endpoints=ledger.webhooks.endpoints_of(claims.endpoint_ids),
            endpoint_count=len(ledger.webhooks.endpoints),
            deliveries=ledger.webhooks.deliveries_of(claims.delivery_ids),
            now=self._clock(),
        )
        held = [wallet.id for wallet in books.wallets.values() if wallet.held]
        expire_holds(books, [hold for id in held for hold in ledger.over(id, books.now)])
        return books

    def write(self, books: Books) -> None:
        self._written = books

    def commit(self) -> None:
        if self._written is not None:
            _publish(self._written, self._ledger)


def _publish(books: Books, ledger: Ledger) -> None:
    for account in books.new_accounts:
        _add_account(account, ledger)
    ledger.accounts.update(books.changed_accounts)
    for wallet in books.new_wallets:
        _add_wallet(wallet, books.now, ledger)
    ledger.quotes.update((quote.id, quote) for quote in books.new_quotes)
    _add_in_order(books, ledger)
    _add_holds(books, ledger)
    for api_key in books.written_api_keys.values():
        ledger.put_api_key(api_key)
    for wallet in books.touched.values():
        row = ledger.wallets[wallet.id]
        changed_at = books.changed_at.get(wallet.id, wallet.last_posted_at)
        ledger.wallets[wallet.id] = WalletRow(
            wallet=wallet,
            created_at=row.created_at,
            updated_at=max(row.updated_at, wallet.last_posted_at, changed_at),
        )
    ledger.webhooks.publish(books, ledger.events)
    for key, kept in books.new_outcomes:
        ledger.kept[key.name] = kept


def _add_in_order(books: Books, ledger: Ledger) -> None:
    """In the order of their times; at the same time a change comes before the transactions."""
    written: list[AuditEntry | Transaction] = [*books.new_entries, *books.new_transactions]
    for each in sorted(written, key=lambda each: each.created_at):
        if isinstance(each, AuditEntry):
            ledger.put_entry(each)
        else:
            _add_transaction(each, ledger)


def _add_holds(books: Books, ledger: Ledger) -> None:
    for wallet_id in books.expired:
        for hold in ledger.over(wallet_id, books.now):
            ledger.put_hold(hold.as_of(books.now))
    for hold in (*books.new_holds.values(), *books.changed_holds.values()):
        ledger.put_hold(hold)


def _add_account(account: Account, ledger: Ledger) -> None:
    ledger.accounts[account.id] = account
    ledger.account_wallets[account.id] = []
    if account.reference is not None:
        ledger.account_references[account.reference] = account.id


def _add_wallet(wallet: Wallet, now: datetime, ledger: Ledger) -> None:
    insort(ledger.account_wallets[wallet.account_id], wallet.id)
    ledger.history[wallet.id] = []
    ledger.wallets[wallet.id] = WalletRow(wallet=wallet, created_at=now, updated_at=now)


def _add_transaction(transaction: Transaction, ledger: Ledger) -> None:
    ledger.transactions[transaction.id] = transaction
    ledger.committed.append(transaction)
    if transaction.quote_id is not None:
        used = ledger.quotes[transaction.quote_id].used_by(transaction.id)
        ledger.quotes[transaction.quote_id] = used
    if transaction.reference is not None:
        ledger.transaction_references[transaction.reference] = transaction.id
    if transaction.reverses is not None:
        ledger.reversals.setdefault(transaction.reverses, []).append(transaction.id)
    for posting in transaction.postings:
        if posting.wallet_version is not None:
            ledger.history[posting.wallet_id].append(transaction)
