"""The port of queries: read-only, without locks or a unit of work."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.transaction import Transaction
from service_layer.read_models import AccountView, PostingView, WalletView
from service_layer.transaction_filter import TransactionFilter


class Queries(Protocol):
    """Lists are newest first; `before` is the id (or version) of the last item already seen."""

    def account(self, account_id: UUID) -> AccountView:
        """AccountNotFound."""

    def accounts(
        self, *, reference: str | None, before: UUID | None, limit: int
    ) -> list[AccountView]:
        """All accounts, or the one with that reference."""

    def wallet(self, wallet_id: UUID) -> WalletView:
        """WalletNotFound, for system wallets too."""

    def wallets(
        self, *, account_id: UUID | None, before: UUID | None, limit: int
    ) -> list[WalletView]:
        """All customers' wallets, or those of one account."""

    def transaction(self, transaction_id: UUID) -> Transaction:
        """TransactionNotFound."""

    def transactions_by_id(self, ids: Sequence[UUID]) -> dict[UUID, Transaction]:
        """Those of these that exist."""

    def transactions(
        self, chosen: TransactionFilter, *, before: UUID | None, limit: int
    ) -> list[Transaction]:
        """Those that are as chosen, in the order of their times.

        Unknown wallets, and system wallets, have none. After an unknown `before` nothing comes.
        """

    def reversals(
        self, transaction_id: UUID, *, before: UUID | None, limit: int
    ) -> list[Transaction]:
        """The reversals of one transaction."""

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
        """A wallet's postings at `from_time` <= created_at < `to_time`, of one type; WalletNotFound."""
