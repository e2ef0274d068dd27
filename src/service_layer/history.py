"""The port of looking back: a wallet's balance or statement, read from its numbered postings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.period import Period
from domain.statement import Line, Statement, adding_up

LINES_AT_ONCE = 1000
Lines = Iterator[Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceView:
    """What a wallet had at an instant, postings of that very instant included.

    `known_until` is now, or the time of the wallet's last posting if that is later: the future comes after.
    """

    wallet_id: UUID
    at: datetime
    currency: str
    balance: int
    known_until: datetime


class History(Protocol):
    """Read-only, without locks or a unit of work. System wallets are not found."""

    def balance(self, wallet_id: UUID, *, at: datetime | None) -> BalanceView:
        """The balance at that instant, 0 before the first posting; None is `known_until`. WalletNotFound."""

    def statement(self, wallet_id: UUID, period: Period) -> Statement:
        """Fixes first and last line of the period, as one moment sees them. WalletNotFound."""

    def lines(self, statement: Statement, *, after: int, limit: int) -> list[Line]:
        """The lines numbered after that version, oldest first."""


def lines_of(history: History, statement: Statement) -> Lines:
    """All lines, some at a time; crashes where they do not add up.

    What is numbered never changes, so that reading piece by piece is as consistent as reading at once.
    """
    return adding_up(statement, _lines(history, statement))


def _lines(history: History, statement: Statement) -> Lines:
    after = statement.opening_version
    while after < statement.closing_version:
        lines = history.lines(statement, after=after, limit=LINES_AT_ONCE)
        if not lines:
            return
        yield from lines
        after = lines[-1].wallet_version
