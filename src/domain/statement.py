"""A statement: what a wallet had, what moved in a period, what it has then."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement without its lines: those numbered after `opening_version`, up to `closing_version`.

    Balances are minor units; `final` says that no line can be added any more.
    """

    wallet_id: UUID
    account_id: UUID
    account_name: str
    currency: str
    exponent: int
    period: Period
    opening_balance: int
    opening_version: int
    closing_balance: int
    closing_version: int
    final: bool

    @property
    def movements(self) -> int:
        """How many lines it has: postings are numbered without gaps."""
        return self.closing_version - self.opening_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One posting: `amount` signed minor units, with the balance after it."""

    wallet_version: int
    created_at: datetime
    type: str
    transaction_id: UUID
    reference: str | None
    description: str | None
    amount: int
    balance_after: int


@dataclass(slots=True)
class Totals:
    """What came in or went out, as positive minor units."""

    total_in: int = 0
    total_out: int = 0

    def add(self, amount: int) -> None:
        """One more line."""
        if amount > 0:
            self.total_in += amount
        else:
            self.total_out -= amount


def adding_up(statement: Statement, lines: Iterable[Line]) -> Iterator[Line]:
    """The same lines, one after the other; crashes where they do not lead from opening to closing."""
    version, balance = statement.opening_version, statement.opening_balance
    for line in lines:
        version, balance = version + 1, balance + line.amount
        if (line.wallet_version, line.balance_after) != (version, balance):
            raise RuntimeError(f"posting {version} of wallet {statement.wallet_id} does not add up")
        yield line
    if (version, balance) != (statement.closing_version, statement.closing_balance):
        raise RuntimeError(f"a statement of wallet {statement.wallet_id} does not add up")
