"""Greenlets of an event loop share work as threads do; nobody stops the loop by waiting."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import partial
from threading import get_ident
from typing import Any

import pytest

from domain.errors import Unavailable
from entrypoints.greenlets import InGreenlets
from service_layer.together import Together
from service_layer.waiting import IN_THREADS
from tests.loops import (
    HANGS_SECONDS,
    CutShort,
    in_a_loop,
    in_a_ticking_loop,
)

WHOSE: ContextVar[Any] = ContextVar("whose", default=-1)


def together(waiting: InGreenlets, sizes: list[int], threads: set[int]) -> Together[int, int]:
    def double(items: Sequence[int]) -> list[int]:
        sizes.append(len(items))
        threads.add(get_ident())
        time.sleep(0.01)
        return [2 * item for item in items]

    def run(items: Sequence[int]) -> list[int]:
        return waiting.do(partial(double, items))

    return Together(run, lambda: Unavailable("cut short"), waiting=waiting)


def test_those_who_come_meanwhile_share_a_batch_that_a_thread_runs() -> None:
    sizes: list[int] = []
    threads: set[int] = set()

    def main(waiting: InGreenlets) -> "asyncio.Future[list[int]]":
        shared = together(waiting, sizes, threads)
        return asyncio.gather(*(waiting.run(partial(shared.share, each)) for each in range(50)))

    assert in_a_loop(main) == [2 * each for each in range(50)]
    assert sizes == [1, 49]
    assert get_ident() not in threads


def test_threads_and_greenlets_share_the_same_batches() -> None:
    sizes: list[int] = []

    def main(waiting: InGreenlets) -> "asyncio.Future[list[int]]":
        shared = together(waiting, sizes, set())
        loop = asyncio.get_running_loop()

        def ask(number: int) -> "asyncio.Future[int]":
            work = partial(shared.share, number)
            return waiting.run(work) if number % 2 else loop.run_in_executor(None, work)

        return asyncio.gather(*map(ask, range(200)))

    assert in_a_loop(main) == [2 * each for each in range(200)]
    assert len(sizes) < 200


@pytest.mark.parametrize("error", [ZeroDivisionError, CutShort])
def test_errors_come_out_where_it_was_asked(error: type[BaseException]) -> None:
    def fails() -> None:
        raise error

    with pytest.raises(error):
        in_a_loop(lambda waiting: waiting.run(fails))
    with pytest.raises(error):
        in_a_loop(lambda waiting: waiting.run(partial(waiting.do, fails)))


def test_each_greenlet_has_a_context_of_its_own_which_its_work_sees() -> None:
    def main(waiting: InGreenlets) -> "asyncio.Future[list[tuple[int, int]]]":
        def ask(number: int) -> tuple[int, int]:
            WHOSE.set(number)
            return waiting.do(WHOSE.get), WHOSE.get()

        return asyncio.gather(*(waiting.run(partial(ask, each)) for each in range(20)))

    assert in_a_loop(main) == [(each, each) for each in range(20)]


def test_a_thread_does_its_work_itself() -> None:
    assert InGreenlets().do(get_ident) == IN_THREADS.do(get_ident) == get_ident()


@pytest.mark.parametrize("error", [StopIteration, StopAsyncIteration, GeneratorExit, SystemExit])
def test_whoever_waits_is_told_of_errors_that_mean_something_to_python(
    new_loop: Callable[[], asyncio.AbstractEventLoop], error: type[BaseException]
) -> None:
    def fails() -> None:
        raise error

    async def ask(waiting: InGreenlets) -> tuple[type, int]:
        told = type(waiting.run(fails).exception())
        return told, await waiting.run(lambda: 7)  # in the same greenlet

    told, next_one = in_a_loop(lambda waiting: asyncio.ensure_future(ask(waiting)), new_loop)
    assert told is (RuntimeError if error is StopIteration else error)
    assert next_one == 7


# Sleeping.


def test_who_sleeps_stops_nobody(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    began = time.monotonic()
    _, ticks = in_a_ticking_loop(lambda waiting: waiting.sleep(0.2), new_loop)
    assert time.monotonic() - began >= 0.19
    assert ticks > 5


def test_a_thread_sleeps_as_threads_do() -> None:
    began = time.monotonic()
    InGreenlets().sleep(0.02)
    assert time.monotonic() - began >= 0.02


def test_many_sleep_at_once(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    def main(waiting: InGreenlets) -> "asyncio.Future[list[None]]":
        return asyncio.gather(*(waiting.run(partial(waiting.sleep, 0.1)) for _ in range(200)))

    began = time.monotonic()
    in_a_loop(main, new_loop)
    assert time.monotonic() - began < HANGS_SECONDS
