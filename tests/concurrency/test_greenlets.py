"""Batches in greenlets of an event loop, on PostgreSQL: the same books, and nobody stops the loop."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from threading import get_ident
from typing import Any, TypeVar
from uuid import UUID

import pytest
from dependency_injector import providers

from domain.idempotency import Outcome
from entrypoints.greenlets import InGreenlets
from tests.builders import open_account, transfer
from tests.concurrency.rig import (
    a_stranger,
    as_superuser,
    sql,
    until_somebody_waits_for_a_lock,
)
from tests.concurrency.wire import Wire, a_wire
from tests.stage import Stage, a_stage, strike

Result = TypeVar("Result")
HANGS_SECONDS = 60
LOCK = "SELECT FROM wallet WHERE id = %s FOR UPDATE"
pytestmark = pytest.mark.usefixtures("the_drivers_own_way_afterwards")


class Office:
    """A stage whose requests are greenlets; `go_on` says how often others had their turn meanwhile."""

    def __init__(self, stage: Stage, waiting: InGreenlets) -> None:
        self.stage = stage
        self.waiting = waiting

    def ask(self, work: Callable[[], Result]) -> "asyncio.Future[Result]":
        return self.waiting.run(work)

    def pay(self, source: UUID, destination: UUID, amount: int) -> "asyncio.Future[Outcome]":
        return self.ask(partial(self.stage.execute, transfer(source, destination, amount)))

    async def go_on(self, *works: "asyncio.Future[Any]") -> int:
        ticks = 0
        while not all(work.done() for work in works):
            await asyncio.sleep(0.01)
            ticks += 1
        return ticks


def in_an_office(
    url: str | None, new_loop: Any, main: Callable[[Office], Coroutine[Any, Any, Result]]
) -> Result:
    async def begin() -> Result:
        waiting = InGreenlets()
        waiting.start(asyncio.get_running_loop())
        stage = a_stage("postgres18", url, migrated=True)
        stage.container.waiting.override(providers.Object(waiting))
        stage.container.wait_in_loop()
        try:
            return await asyncio.wait_for(main(Office(stage, waiting)), HANGS_SECONDS)
        finally:
            strike(stage)

    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(begin())


@contextmanager
def a_cut_wire(stage: Stage, message: bytes, *, forward_last: bool) -> Iterator[tuple[str, Wire]]:
    assert stage.url is not None
    with a_wire(stage.url) as (url, wire):
        wire.cut(lambda said: message in said and b"PREPARE" not in said, forward_last=forward_last)
        yield url, wire


def test_a_batch_runs_in_the_loops_own_thread(postgres_stage: Stage, new_loop: Any) -> None:
    ada, bob = postgres_stage.a_wallet(100), postgres_stage.a_wallet()
    threads: set[int] = set()

    async def main(office: Office) -> list[Outcome]:
        def clock() -> datetime:
            threads.add(get_ident())
            return postgres_stage.clock()

        office.stage.container.clock.override(clock)
        return await asyncio.gather(*(office.pay(ada, bob, 1) for _ in range(10)))

    outcomes = in_an_office(postgres_stage.url, new_loop, main)
    assert [outcome.refused for outcome in outcomes] == [None] * 10
    assert threads == {get_ident()}
    assert postgres_stage.balance(bob) == 10


def test_who_waits_for_a_lock_of_another_process_stops_nobody(
    postgres_stage: Stage, new_loop: Any
) -> None:
    ada, bob = postgres_stage.a_wallet(100), postgres_stage.a_wallet()
    url = postgres_stage.url or ""

    async def main(office: Office) -> tuple[int, Outcome]:
        await office.pay(ada, bob, 1)
        with a_stranger(url) as stranger:
            stranger.cursor().execute(LOCK, (str(bob),))
            paid = office.pay(ada, bob, 30)
            await asyncio.to_thread(until_somebody_waits_for_a_lock, url)
            ticks = 0
            while ticks < 30:
                await asyncio.sleep(0.01)
                ticks += 1
            assert not paid.done()
            stranger.rollback()
            return ticks, await paid

    ticks, outcome = in_an_office(url, new_loop, main)
    assert (ticks, outcome.refused) == (30, None)
    assert postgres_stage.balance(bob) == 31


def test_the_pause_between_two_tries_stops_nobody(
    postgres_stage: Stage, new_loop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service_layer.run_batch.random.uniform", lambda _, longest: longest)

    async def main(office: Office) -> int:
        pause = office.stage.container.batch_runner().retry.pause
        return await office.go_on(office.ask(partial(pause, 9)))

    assert in_an_office(postgres_stage.url, new_loop, main) > 10


@pytest.mark.parametrize("message", [b"open_books", b"COMMIT"])
@pytest.mark.parametrize("forward_last", [False, True])
def test_a_wire_cut_while_a_greenlet_waits_leaves_one_effect_and_a_road_that_works(
    postgres_stage: Stage, new_loop: Any, message: bytes, forward_last: bool
) -> None:
    ada, bob = postgres_stage.a_wallet(100), postgres_stage.a_wallet()

    async def main(office: Office) -> list[Outcome]:
        return [await office.pay(ada, bob, 30), await office.pay(ada, bob, 1)]

    with a_cut_wire(postgres_stage, message, forward_last=forward_last) as (url, wire):
        outcomes = in_an_office(url, new_loop, main)
    assert wire.cuts == 1
    assert [(each.refused, each.replayed) for each in outcomes] == [(None, False)] * 2
    assert postgres_stage.balance(bob) == 31


def test_a_session_killed_while_a_greenlet_waits_for_a_lock_is_replaced(
    postgres_stage: Stage, new_loop: Any
) -> None:
    ada, bob = postgres_stage.a_wallet(100), postgres_stage.a_wallet()
    url = postgres_stage.url or ""
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )

    async def main(office: Office) -> list[Outcome]:
        await office.pay(ada, bob, 1)
        with a_stranger(url) as stranger:
            stranger.cursor().execute(LOCK, (str(bob),))
            paid = [office.pay(ada, bob, 10) for _ in range(5)]
            await asyncio.to_thread(until_somebody_waits_for_a_lock, url)
            await asyncio.to_thread(sql, as_superuser(url), kill)
            stranger.rollback()
            outcomes = await asyncio.gather(*paid)
        return [*outcomes, await office.pay(ada, bob, 1)]

    outcomes = in_an_office(url, new_loop, main)
    assert [(each.refused, each.replayed) for each in outcomes] == [(None, False)] * 6
    assert postgres_stage.balance(bob) == 52


def test_payments_of_greenlets_and_threads_at_once_are_each_done_once(
    postgres_stage: Stage, new_loop: Any
) -> None:
    """In a ring, with accounts opened and balances read between them."""
    wallets = [postgres_stage.a_wallet(1000) for _ in range(8)]

    async def main(office: Office) -> list[bool]:
        loop, threads = asyncio.get_running_loop(), ThreadPoolExecutor(32)

        def customer(number: int) -> bool:
            source, destination = wallets[number % 8], wallets[(number + 1) % 8]
            well = True
            for _ in range(6):
                paid = office.stage.execute(transfer(source, destination, 2))
                well &= paid.refused is None and not paid.replayed
                well &= office.stage.balance(source) >= 0
            return well and office.stage.execute(open_account()).refused is None

        works = [office.ask(partial(customer, number)) for number in range(32)]
        works += [loop.run_in_executor(threads, customer, number) for number in range(32, 64)]
        assert await office.go_on(*works) > 0
        return await asyncio.gather(*works)

    assert in_an_office(postgres_stage.url, new_loop, main) == [True] * 64
    assert [postgres_stage.balance(wallet) for wallet in wallets] == [1000] * 8
    paid = "SELECT count(*) FROM transaction WHERE type = 'transfer'"
    assert sql(postgres_stage.url or "", paid) == [(64 * 6,)]
