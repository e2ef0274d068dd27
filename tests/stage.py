"""A stage: one whole ledger behind its ports, on whichever adapter the test runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from dependency_injector import providers

from adapters.postgres.embedded import service_url
from domain.idempotency import Outcome
from entrypoints.config import Settings
from entrypoints.container import Container
from service_layer.command import Command
from service_layer.run_batch import Result
from tests.builders import open_account, replenish
from tests.undocumented import undocumented_app


class TestClock:
    """A clock that stands still until it is told to move."""

    __test__ = False

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Forward, or backward with a negative number: `clock.move(seconds=-5)`."""
        self.now += timedelta(**by)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """`url` is None on the in-memory adapter, else that of the tables' owner, who does not serve."""

    adapter: str
    url: str | None
    container: Container
    clock: TestClock

    def run(self, *commands: Command) -> list[Result]:
        """All commands in one batch."""
        results: Sequence[Result] = self.container.batch_runner().run(commands)
        return list(results)

    def execute(self, command: Command) -> Outcome:
        """One command through the group commit, as a request does it."""
        outcome: Outcome = self.container.group_commit().execute(command)
        return outcome

    def a_wallet(self, balance: int = 0, *, currency: str = "USD") -> UUID:
        """A new account's wallet with that much money in it."""
        command = open_account(currency=currency)
        self.execute(command)
        if balance:
            self.execute(replenish(command.wallet_id, balance, currency=currency))
        return command.wallet_id

    def balance(self, wallet_id: UUID) -> int:
        balance: int = self.container.queries().wallet(wallet_id).balance
        return balance

    def findings(self) -> tuple[object, ...]:
        """What does not add up in the books."""
        findings: tuple[object, ...] = self.container.auditor().verify().findings
        return findings


def a_stage(
    adapter: str,
    url: str | None = None,
    *,
    currencies: str = "USD,EUR,JPY",
    migrated: bool = False,
) -> Stage:
    """A stage on "memory", or on PostgreSQL at `url`; what is not yet `migrated` is so here.

    Its HTTP API asks nobody for an API key.
    """
    settings = Settings(
        DATABASE_URL=None if url is None else service_url(url),
        migration_url=url,
        memory=url is None,
        currencies=currencies,
        auth=False,
    )
    container = Container(settings=settings)
    clock = TestClock()
    container.clock.override(clock)
    container.app.override(providers.Factory(undocumented_app, container.services))
    if url is not None and not migrated:
        container.migration()
    return Stage(adapter=adapter, url=url, container=container, clock=clock)


def strike(stage: Stage) -> None:
    """Close what the stage holds open."""
    if stage.url is not None:
        stage.container.posting_engine().dispose()
        stage.container.batch_engine().dispose()
        stage.container.reading_engine().dispose()
        stage.container.looking_engine().dispose()
