"""Bells of greenlets: who waits is woken, in time or late, and nobody else ever."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from greenlet import getcurrent, greenlet

from domain.errors import Unavailable
from entrypoints.greenlets import InGreenlets
from service_layer import gathering
from service_layer.gathering import Gathering
from service_layer.together import Together
from service_layer.waiting import Bell
from tests.loops import (
    HANGS_SECONDS,
    CutShort,
    in_a_loop,
    in_a_ticking_loop,
)


def test_a_bell_that_rings_too_late_wakes_nobody(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """Neither who sleeps for another reason by then, nor a greenlet that has other work by then."""

    def late(waiting: InGreenlets) -> tuple[Bell, bool, float]:
        bell = waiting.bell()
        heard = bell.wait(0.01)
        bell.ring()
        began = time.monotonic()
        waiting.sleep(0.1)
        return bell, heard, time.monotonic() - began

    async def ask(waiting: InGreenlets) -> tuple[bool, float, float]:
        bell, heard, slept = await waiting.run(partial(late, waiting))
        bell.ring()  # it is idle now
        await asyncio.sleep(0.01)
        began = time.monotonic()
        work = waiting.run(partial(waiting.sleep, 0.1))
        bell.ring()
        await work
        return heard, slept, time.monotonic() - began

    heard, slept, slept_again = in_a_loop(lambda w: asyncio.ensure_future(ask(w)), new_loop)
    assert not heard
    assert slept >= 0.09
    assert slept_again >= 0.09


def test_a_bell_that_rings_before_it_is_waited_for_is_heard(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    def wait(waiting: InGreenlets) -> list[bool]:
        early, earlier = waiting.bell(), waiting.bell()
        earlier.ring()
        waiting.sleep(0.01)
        early.ring()
        return [early.wait(HANGS_SECONDS), earlier.wait(HANGS_SECONDS)]

    assert in_a_ticking_loop(wait, new_loop)[0] == [True, True]


@pytest.mark.parametrize("by", ["greenlets", "threads"])
def test_a_ring_that_crosses_with_the_end_of_the_time_wakes_nobody_later(
    new_loop: Callable[[], asyncio.AbstractEventLoop], by: str
) -> None:
    """Rung a little before, just when, or after the leader gives up."""

    def come(gathered: Gathering, waiting: InGreenlets, seconds: float) -> None:
        waiting.sleep(seconds)
        gathered.has_come(2)

    def lead(gathered: Gathering, waiting: InGreenlets) -> bool:
        gathered.wait(lambda: 1)
        began = time.monotonic()
        waiting.sleep(0.003)  # less when it is woken by a stale ring
        return time.monotonic() - began >= 0.0015 and gathered._bell is None

    async def cross(waiting: InGreenlets) -> list[bool]:
        loop, well = asyncio.get_running_loop(), []
        for number in range(300):
            gathered = Gathering(waiting, 1.0)
            comer = partial(come, gathered, waiting, (number % 5) * 0.0005)
            gathered.ended(2, (number % 3) * 0.0005 + 0.0006)
            leader = waiting.run(partial(lead, gathered, waiting))
            threaded = by == "threads"
            came = loop.run_in_executor(None, comer) if threaded else waiting.run(comer)
            well.append(await leader)
            await came
        return well

    assert all(in_a_loop(lambda waiting: asyncio.ensure_future(cross(waiting)), new_loop))


def test_a_greenlet_that_is_interrupted_while_it_gathers_passes_the_lane_on(
    new_loop: Callable[[], asyncio.AbstractEventLoop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "SECONDS_MAX", HANGS_SECONDS)
    sizes: list[int] = []
    leaders: list[greenlet] = []

    async def interrupt(waiting: InGreenlets) -> tuple[type, list[int]]:
        shared = quick(waiting, sizes, patience=1000)
        shared._gathering.ended(5, HANGS_SECONDS)

        def lead() -> int:
            leaders.append(getcurrent())
            return shared.share(1)

        leader = waiting.run(lead)
        others = [waiting.run(partial(shared.share, each)) for each in (2, 3)]
        await asyncio.sleep(0.01)
        assert not leader.done()
        leaders[0].throw(CutShort)
        answers = await asyncio.gather(*others)
        answers.append(await waiting.run(partial(shared.share, 4)))
        return type(leader.exception()), answers

    told, answers = in_a_loop(lambda waiting: asyncio.ensure_future(interrupt(waiting)), new_loop)
    assert told is CutShort
    assert answers == [4, 6, 8]
    assert sizes == [2, 1]


def quick(waiting: InGreenlets, sizes: list[int], **rest: Any) -> Together[int, int]:
    def double(items: Sequence[int]) -> list[int]:
        sizes.append(len(items))
        waiting.sleep(0.0005)
        return [2 * item for item in items]

    return Together(double, lambda: Unavailable("cut short"), waiting=waiting, **rest)


@pytest.mark.parametrize("lanes", [1, 2])
def test_among_many_greenlets_and_threads_that_are_gathered_everybody_gets_their_own(
    new_loop: Callable[[], asyncio.AbstractEventLoop], lanes: int
) -> None:
    sizes: list[int] = []

    def come(shared: Together[int, int], customer: int) -> bool:
        mine = range(customer * 1000, customer * 1000 + 40)
        return [shared.share(number) for number in mine] == [2 * number for number in mine]

    def main(waiting: InGreenlets) -> "asyncio.Future[list[bool]]":
        shared = quick(waiting, sizes, patience=2, lanes=lanes, batch_size_max=32)
        loop, threads = asyncio.get_running_loop(), ThreadPoolExecutor(16)
        customers = [waiting.run(partial(come, shared, each)) for each in range(40)]
        customers += [
            loop.run_in_executor(threads, come, shared, customer) for customer in range(40, 56)
        ]
        return asyncio.gather(*customers)

    assert in_a_loop(main, new_loop) == [True] * 56
    assert sum(sizes) == 56 * 40
    assert max(sizes) <= 32
