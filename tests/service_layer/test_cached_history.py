"""The lines of a statement are the same from the cache as from the books, however these have grown since."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from adapters.memory.read_cache import MemoryReadCache
from domain.period import Period
from domain.statement import Line, Statement
from service_layer.cached_history import CachedHistory
from service_layer.history import BalanceView

START = datetime(2026, 1, 1, tzinfo=UTC)
WALLETS = [UUID(int=1), UUID(int=2)]
TEXTS = st.one_of(st.none(), st.sampled_from(["", "Zoë", '"', "\\u2028"]))
READS = st.tuples(st.sampled_from(WALLETS), st.integers(0, 12), st.integers(1, 5))
POSTINGS = st.tuples(st.sampled_from(WALLETS), st.integers(-500, 500), TEXTS)


class GrowingBooks:
    """A History of wallets that only ever get one more line."""

    def __init__(self) -> None:
        self.all: dict[UUID, list[Line]] = {wallet: [] for wallet in WALLETS}
        self.asked = 0

    def post(self, wallet: UUID, amount: int, text: str | None) -> None:
        lines = self.all[wallet]
        number = len(lines) + 1
        line = Line(
            wallet_version=number,
            created_at=START + timedelta(microseconds=number),
            type="transfer",
            transaction_id=UUID(int=100 + number),
            reference=text,
            description=text,
            amount=amount,
            balance_after=sum(each.amount for each in lines) + amount,
        )
        lines.append(line)

    def a_statement(self, wallet: UUID) -> Statement:
        return Statement(
            wallet_id=wallet,
            account_id=wallet,
            account_name="Ada",
            currency="USD",
            exponent=2,
            period=Period(from_time=START, to_time=START + timedelta(days=1)),
            opening_balance=0,
            opening_version=0,
            closing_balance=0,
            closing_version=len(self.all[wallet]),
            final=False,
        )

    def lines(self, statement: Statement, *, after: int, limit: int) -> list[Line]:
        self.asked += 1
        return self.all[statement.wallet_id][after : min(after + limit, statement.closing_version)]

    def balance(self, wallet_id: UUID, *, at: datetime | None) -> BalanceView:
        raise NotImplementedError

    def statement(self, wallet_id: UUID, period: Period) -> Statement:
        raise NotImplementedError


def cached(books: GrowingBooks) -> CachedHistory:
    return CachedHistory(history=books, cache=MemoryReadCache(bytes_max=3000))


@given(st.lists(st.one_of(READS, POSTINGS), max_size=60))
def test_what_is_kept_is_never_stale(steps: list[tuple[Any, ...]]) -> None:
    books = GrowingBooks()
    history = cached(books)
    for wallet, number, last in steps:
        if last is None or isinstance(last, str):
            books.post(wallet, number, last)
            continue
        statement = books.a_statement(wallet)
        if number < statement.closing_version:
            found = history.lines(statement, after=number, limit=last)
            assert found == books.all[wallet][number : number + last]


def test_lines_are_read_once() -> None:
    books = GrowingBooks()
    for _ in range(3):
        books.post(WALLETS[0], 5, "r")
    history, statement = cached(books), books.a_statement(WALLETS[0])
    books.post(WALLETS[0], 5, "later")
    first = history.lines(statement, after=0, limit=10)
    assert history.lines(statement, after=0, limit=10) == first == books.all[WALLETS[0]][:3]
    assert books.asked == 1


def test_what_is_not_whole_is_not_kept() -> None:
    """Lines that should be there and are not would be an error of the books; nobody is to remember it."""
    books = GrowingBooks()
    books.post(WALLETS[0], 5, "r")
    history, statement = cached(books), books.a_statement(WALLETS[0])
    lost = books.all[WALLETS[0]].pop()
    assert history.lines(statement, after=0, limit=10) == []
    books.all[WALLETS[0]].append(lost)
    assert history.lines(statement, after=0, limit=10) == [lost]
