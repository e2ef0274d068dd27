"""A unit of work on the in-memory ledger that fails where the test says, and only there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from adapters.memory.ledger import Ledger
from adapters.memory.unit_of_work import MemoryUnitOfWork
from domain import integrity
from domain.books import Books
from domain.idempotency import Outcome
from service_layer.claims import Claims
from service_layer.command import Command
from service_layer.run_batch import BatchRunner, Result, Retry
from tests.builders import open_account, replenish

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`error` is raised at `moment`: before its effect, or `after` it."""

    moment: str
    error: BaseException
    after: bool = False


@dataclass(kw_only=True)
class Database:
    """A ledger, the faults of its next tries in order (None: a try without a fault), and what it saw."""

    ledger: Ledger = field(default_factory=Ledger)
    faults: list[Fault | None] = field(default_factory=list)
    forever: Fault | None = None
    at_write: Callable[[Books], None] = lambda books: None
    clock: Callable[[], datetime] = lambda: NOON
    tries: list[Claims] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def runner(self, **retry: Any) -> BatchRunner:
        return BatchRunner(open_unit=self.open_unit, retry=Retry(sleep=self.pauses.append, **retry))

    def run(self, *commands: Command, **retry: Any) -> list[Result]:
        return self.runner(**retry).run(commands)

    def open_unit(self) -> "FaultyUnit":
        fault = self.faults.pop(0) if self.faults else self.forever
        memory = MemoryUnitOfWork(self.ledger, self.clock, frozenset({"USD", "EUR"}))
        return FaultyUnit(memory, self, fault)

    # What stands in the ledger.

    def a_wallet(self, balance: int = 0, *, currency: str = "USD") -> UUID:
        """A wallet made without any fault, before the test begins."""
        opened = open_account(currency=currency)
        commands: list[Command] = [opened]
        quiet = Database(ledger=self.ledger)
        quiet.run(*commands)
        if balance:
            quiet.run(replenish(opened.wallet_id, balance, currency=currency))
        return opened.wallet_id

    def balance(self, wallet_id: UUID) -> int:
        return self.ledger.wallets[wallet_id].wallet.balance

    def findings(self) -> tuple[integrity.Finding, ...]:
        wallets = [row.wallet for row in self.ledger.wallets.values()]
        return integrity.check(list(self.ledger.transactions.values()), wallets).findings


class FaultyUnit:
    """The in-memory unit of work, with one fault at most."""

    def __init__(self, memory: MemoryUnitOfWork, database: Database, fault: Fault | None) -> None:
        self._memory = memory
        self._database = database
        self._fault = fault

    def __enter__(self) -> Self:
        self._strike("enter", after=False)
        self._memory.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._memory.__exit__(kind, error, traceback)

    def open_books(self, claims: Claims) -> Books:
        self._database.tries.append(claims)
        self._strike("open_books", after=False)
        books = self._memory.open_books(claims)
        self._strike("open_books", after=True)
        return books

    def write(self, books: Books) -> None:
        self._strike("write", after=False)
        self._database.at_write(books)
        self._memory.write(books)
        self._strike("write", after=True)

    def commit(self) -> None:
        self._strike("commit", after=False)
        self._memory.commit()
        self._strike("commit", after=True)

    def _strike(self, moment: str, *, after: bool) -> None:
        if self._fault and (self._fault.moment, self._fault.after) == (moment, after):
            raise self._fault.error


def done(results: Iterable[Result]) -> list[Outcome]:
    """The results, all of which must be outcomes."""
    outcomes = list(results)
    assert all(isinstance(each, Outcome) for each in outcomes), outcomes
    return outcomes  # type: ignore[return-value]


def kinds(results: Iterable[Result]) -> list[type | None]:
    """What each command got: None when it was done, else the class of its refusal or error."""
    return [
        (type(each.refused) if each.refused else None) if isinstance(each, Outcome) else type(each)
        for each in results
    ]
