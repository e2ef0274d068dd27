"""Looking back as a caller may: one that is bound to an account looks at its own wallets alone."""

from datetime import datetime
from uuid import UUID

from domain.period import Period
from domain.statement import Line, Statement
from service_layer.guarded_queries import BoundTo
from service_layer.history import BalanceView, History
from service_layer.queries import Queries


class GuardedHistory:
    """`queries` are guarded themselves: what they do not find, nobody looks back at."""

    def __init__(self, history: History, queries: Queries, bound_to: BoundTo) -> None:
        self._history = history
        self._queries = queries
        self._bound_to = bound_to

    def balance(self, wallet_id: UUID, *, at: datetime | None) -> BalanceView:
        self._check(wallet_id)
        return self._history.balance(wallet_id, at=at)

    def statement(self, wallet_id: UUID, period: Period) -> Statement:
        self._check(wallet_id)
        return self._history.statement(wallet_id, period)

    def lines(self, statement: Statement, *, after: int, limit: int) -> list[Line]:
        """Of a statement that was let through."""
        return self._history.lines(statement, after=after, limit=limit)

    def _check(self, wallet_id: UUID) -> None:
        """WalletNotFound when it is another's."""
        if self._bound_to() is not None:
            self._queries.wallet(wallet_id)
