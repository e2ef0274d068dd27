"""Balances or statements of the past from the in-memory ledger."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from adapters.memory.ledger import Ledger, WalletRow
from adapters.memory.queries import posting_view
from domain.errors import WalletNotFound
from domain.period import Period
from domain.statement import Line, Statement
from domain.transaction import Transaction
from service_layer.history import BalanceView
from service_layer.ports import Clock


def _time(transaction: Transaction) -> datetime:
    return transaction.created_at


class MemoryHistory:
    """A wallet's history is in the order of its versions, hence of its times: it is bisected."""

    def __init__(self, ledger: Ledger, clock: Clock, exponents: Mapping[str, int]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._exponents = exponents

    def balance(self, wallet_id: UUID, *, at: datetime | None) -> BalanceView:
        with self._ledger.lock:
            wallet = self._row(wallet_id).wallet
            known_until = max(self._clock(), wallet.last_posted_at)
            asked = known_until if at is None else at
            version = self._version(wallet_id, asked, bisect_right)
            return BalanceView(
                wallet_id=wallet_id,
                at=asked,
                currency=wallet.currency,
                balance=self._balance_after(wallet_id, version),
                known_until=known_until,
            )

    def statement(self, wallet_id: UUID, period: Period) -> Statement:
        with self._ledger.lock:
            wallet = self._row(wallet_id).wallet
            account = self._ledger.accounts[wallet.account_id]
            opening = self._version(wallet_id, period.from_time, bisect_left)
            closing = self._version(wallet_id, period.to_time, bisect_left)
            return Statement(
                wallet_id=wallet_id,
                account_id=account.id,
                account_name=account.name,
                currency=wallet.currency,
                exponent=self._exponents[wallet.currency],
                period=period,
                opening_balance=self._balance_after(wallet_id, opening),
                opening_version=opening,
                closing_balance=self._balance_after(wallet_id, closing),
                closing_version=closing,
                final=period.is_final(self._clock()),
            )

    def lines(self, statement: Statement, *, after: int, limit: int) -> list[Line]:
        last = min(after + limit, statement.closing_version)
        with self._ledger.lock:
            found = self._ledger.history[statement.wallet_id][after:last]
        return [
            _line(transaction, statement.wallet_id, version)
            for version, transaction in enumerate(found, start=after + 1)
        ]

    def _row(self, wallet_id: UUID) -> WalletRow:
        row = self._ledger.wallets.get(wallet_id)
        if row is None:
            raise WalletNotFound(f"There is no wallet {wallet_id}.", wallet_id=str(wallet_id))
        return row

    def _version(self, wallet_id: UUID, at: datetime, bisect: Callable[..., int]) -> int:
        """The wallet's last posting before that time (or at it, as `bisect` says); 0 for none."""
        return bisect(self._ledger.history[wallet_id], at, key=_time)

    def _balance_after(self, wallet_id: UUID, version: int) -> int:
        if not version:
            return 0
        transaction = self._ledger.history[wallet_id][version - 1]
        return posting_view(transaction, wallet_id, version).balance_after


def _line(transaction: Transaction, wallet_id: UUID, version: int) -> Line:
    posting = posting_view(transaction, wallet_id, version)
    return Line(
        wallet_version=version,
        created_at=posting.created_at,
        type=posting.type,
        transaction_id=posting.transaction_id,
        reference=transaction.reference,
        description=transaction.description,
        amount=posting.amount,
        balance_after=posting.balance_after,
    )
