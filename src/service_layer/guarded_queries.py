"""Queries as a caller may ask them: one that is bound to an account sees only what is that account's.

What belongs to others is not found, in the very words for what does not exist.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from domain.errors import AccountNotFound, TransactionNotFound, WalletNotFound
from domain.transaction import Transaction
from service_layer.bound import seen_by
from service_layer.queries import Queries
from service_layer.read_models import AccountView, PostingView, WalletView
from service_layer.transaction_filter import TransactionFilter

BoundTo = Callable[[], UUID | None]
"""The account that the caller of this moment is bound to; None for no account."""

WALLETS_MAX = 1000  # of an account, which has one for each currency


class GuardedQueries:
    """What has no method here, nobody can ask: a new query needs its guard first."""

    def __init__(self, queries: Queries, bound_to: BoundTo) -> None:
        self._queries = queries
        self._bound_to = bound_to

    def account(self, account_id: UUID) -> AccountView:
        if self._bound_to() not in (None, account_id):
            raise AccountNotFound(f"There is no account {account_id}.")
        return self._queries.account(account_id)

    def accounts(
        self, *, reference: str | None, before: UUID | None, limit: int
    ) -> list[AccountView]:
        own = self._bound_to()
        if own is None:
            return self._queries.accounts(reference=reference, before=before, limit=limit)
        account = self._queries.account(own)
        listed = reference in (None, account.reference) and (before is None or own < before)
        return [account] if listed else []

    def wallet(self, wallet_id: UUID) -> WalletView:
        found = self._queries.wallet(wallet_id)
        if self._bound_to() not in (None, found.account_id):
            raise WalletNotFound(f"There is no wallet {wallet_id}.", wallet_id=str(wallet_id))
        return found

    def wallets(
        self, *, account_id: UUID | None, before: UUID | None, limit: int
    ) -> list[WalletView]:
        own = self._bound_to()
        if own is not None:
            if account_id not in (None, own):
                return []
            account_id = own
        return self._queries.wallets(account_id=account_id, before=before, limit=limit)

    def transaction(self, transaction_id: UUID) -> Transaction:
        found = self._queries.transaction(transaction_id)
        own = self._own_wallets()
        if own is None:
            return found
        if own.isdisjoint(posting.wallet_id for posting in found.postings):
            raise TransactionNotFound(f"There is no transaction {transaction_id}.")
        return seen_by(found, own)

    def transactions_by_id(self, ids: Sequence[UUID]) -> dict[UUID, Transaction]:
        found = self._queries.transactions_by_id(ids)
        own = self._own_wallets()
        if own is None:
            return found
        return {
            id: seen_by(each, own)
            for id, each in found.items()
            if not own.isdisjoint(posting.wallet_id for posting in each.postings)
        }

    def reversals(
        self, transaction_id: UUID, *, before: UUID | None, limit: int
    ) -> list[Transaction]:
        """Of what the caller may see, so that its reversals are no secret either."""
        own = self._own_wallets()
        if own is not None:
            self.transaction(transaction_id)
        found = self._queries.reversals(transaction_id, before=before, limit=limit)
        return found if own is None else [seen_by(each, own) for each in found]

    def transactions(
        self, chosen: TransactionFilter, *, before: UUID | None, limit: int
    ) -> list[Transaction]:
        own = self._own_wallets()
        if own is not None:
            bound_to = self._bound_to()
            if chosen.account_id not in (None, bound_to) or chosen.wallet_id not in (None, *own):
                return []
            if before is not None and not self.transactions_by_id([before]):
                return []  # as after an unknown one: where another's stands is nobody else's business
            chosen = replace(chosen, account_id=bound_to)
        found = self._queries.transactions(chosen, before=before, limit=limit)
        return found if own is None else [seen_by(each, own) for each in found]

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
        if self._bound_to() is not None:
            self.wallet(wallet_id)
        return self._queries.postings(
            wallet_id, from_time=from_time, to_time=to_time, type=type, before=before, limit=limit
        )

    def _own_wallets(self) -> frozenset[UUID] | None:
        """None for a caller that is not bound."""
        own = self._bound_to()
        if own is None:
            return None
        wallets = self._queries.wallets(account_id=own, before=None, limit=WALLETS_MAX)
        return frozenset(wallet.id for wallet in wallets)
