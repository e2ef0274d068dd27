"""Queries on the in-memory ledger."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from adapters.memory.ledger import Ledger, WalletRow
from adapters.memory.transaction_search import search
from domain.account import Account
from domain.errors import AccountNotFound, TransactionNotFound, WalletNotFound
from domain.transaction import Transaction
from service_layer.ports import Clock
from service_layer.read_models import AccountView, PostingView, WalletView
from service_layer.transaction_filter import TransactionFilter

Item = TypeVar("Item")


class MemoryQueries:
    """Newest first is by id (UUIDv7), for transactions by time, as in PostgreSQL."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    def account(self, account_id: UUID) -> AccountView:
        with self._ledger.lock:
            account = self._ledger.accounts.get(account_id)
            if account is None:
                raise AccountNotFound(f"There is no account {account_id}.")
            return self._account_view(account)

    def accounts(
        self, *, reference: str | None, before: UUID | None, limit: int
    ) -> list[AccountView]:
        with self._ledger.lock:
            found = [
                account
                for account in self._ledger.accounts.values()
                if reference is None or account.reference == reference
            ]
            page = newest_first(found, lambda account: account.id, before, limit)
            return [self._account_view(account) for account in page]

    def wallet(self, wallet_id: UUID) -> WalletView:
        with self._ledger.lock:
            return self._wallet_view(self._row(wallet_id))

    def wallets(
        self, *, account_id: UUID | None, before: UUID | None, limit: int
    ) -> list[WalletView]:
        with self._ledger.lock:
            found = [
                row
                for row in self._ledger.wallets.values()
                if account_id is None or row.wallet.account_id == account_id
            ]
            page = newest_first(found, lambda row: row.wallet.id, before, limit)
            return [self._wallet_view(row) for row in page]

    def transaction(self, transaction_id: UUID) -> Transaction:
        with self._ledger.lock:
            transaction = self._ledger.transactions.get(transaction_id)
        if transaction is None:
            raise TransactionNotFound(f"There is no transaction {transaction_id}.")
        return transaction

    def transactions_by_id(self, ids: Sequence[UUID]) -> dict[UUID, Transaction]:
        with self._ledger.lock:
            known = self._ledger.transactions
            return {id: known[id] for id in ids if id in known}

    def transactions(
        self, chosen: TransactionFilter, *, before: UUID | None, limit: int
    ) -> list[Transaction]:
        return search(self._ledger, chosen, before, limit)

    def reversals(
        self, transaction_id: UUID, *, before: UUID | None, limit: int
    ) -> list[Transaction]:
        return search(self._ledger, TransactionFilter(reverses=transaction_id), before, limit)

    def postings(
        self,
        wallet_id: UUID,
        *,
        from_time: datetime | None,
        to_time: datetime | None,
        type: str | None = None,
        before: int | None,
        limit: int,
    ) -> list[PostingView]:
        with self._ledger.lock:
            self._row(wallet_id)
            history = list(self._ledger.history[wallet_id])
        views = (
            posting_view(transaction, wallet_id, version)
            for version, transaction in reversed(list(enumerate(history, start=1)))
            if (before is None or version < before)
            and (from_time is None or transaction.created_at >= from_time)
            and (to_time is None or transaction.created_at < to_time)
            and (type is None or transaction.type == type)
        )
        return list(islice(views, limit))

    def _row(self, wallet_id: UUID) -> WalletRow:
        row = self._ledger.wallets.get(wallet_id)
        if row is None:
            raise WalletNotFound(f"There is no wallet {wallet_id}.", wallet_id=str(wallet_id))
        return row

    def _account_view(self, account: Account) -> AccountView:
        wallet_ids = self._ledger.account_wallets[account.id]
        wallets = (self._wallet_view(self._ledger.wallets[id]) for id in wallet_ids)
        return AccountView.of(account, tuple(wallets))

    def _wallet_view(self, row: WalletRow) -> WalletView:
        """As clients see it: a hold counts no longer from its instant on, noted or not."""
        wallet, updated_at = row.wallet, row.updated_at
        expired = self._ledger.expired(wallet.id, self._clock()) if wallet.held else None
        if expired is not None:
            wallet = wallet.holding(-expired.remaining)
            updated_at = max(updated_at, expired.last)
        return WalletView.of(wallet, created_at=row.created_at, updated_at=updated_at)


def newest_first(
    items: Iterable[Item], id_of: Callable[[Item], UUID], before: UUID | None, limit: int
) -> list[Item]:
    older = [item for item in items if before is None or id_of(item) < before]
    return sorted(older, key=id_of, reverse=True)[:limit]


def posting_view(transaction: Transaction, wallet_id: UUID, version: int) -> PostingView:
    posting = next(
        posting
        for posting in transaction.postings
        if posting.wallet_id == wallet_id and posting.wallet_version == version
    )
    return PostingView(
        transaction_id=transaction.id,
        type=transaction.type,
        wallet_id=wallet_id,
        amount=posting.amount,
        currency=posting.currency,
        balance_after=posting.balance_after or 0,
        wallet_version=version,
        created_at=transaction.created_at,
    )
