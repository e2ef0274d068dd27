"""Greenlets are used again: nothing of the last work is left to the next."""

import asyncio
import gc
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any

import pytest
from greenlet import getcurrent, greenlet

from entrypoints.greenlets import InGreenlets
from tests.loops import (
    in_a_loop,
)

WHOSE: ContextVar[Any] = ContextVar("whose", default=-1)


def test_the_next_work_of_a_greenlet_sees_nothing_of_the_last_ones_context(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    def ask(waiting: InGreenlets, number: int) -> tuple[greenlet, int, int]:
        before = WHOSE.get()
        WHOSE.set(number)
        waiting.sleep(0.001)
        return getcurrent(), before, WHOSE.get()

    async def one_after_the_other(waiting: InGreenlets) -> list[tuple[greenlet, int, int]]:
        return [await waiting.run(partial(ask, waiting, number)) for number in range(5)]

    seen = in_a_loop(lambda w: asyncio.ensure_future(one_after_the_other(w)), new_loop)
    assert len({me for me, _, _ in seen}) == 1
    assert [(before, after) for _, before, after in seen] == [(-1, number) for number in range(5)]


class Thing:
    """Something that can be referred to weakly."""


def test_an_idle_greenlet_keeps_nothing_of_its_last_work(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def look(waiting: InGreenlets) -> list[bool]:
        kept: dict[str, Thing] = {name: Thing() for name in ("argument", "result", "context")}
        seen = [weakref.ref(thing) for thing in kept.values()]

        def work(_argument: Thing, result: Thing, context: Thing) -> Thing:
            WHOSE.set(context)
            waiting.sleep(0.001)
            return result

        await waiting.run(partial(work, kept["argument"], kept["result"], kept["context"]))
        del work
        kept.clear()
        await asyncio.sleep(0.01)
        gc.collect()
        return [reference() is None for reference in seen]

    assert in_a_loop(lambda w: asyncio.ensure_future(look(w)), new_loop) == [True] * 3


def test_an_error_in_one_work_is_not_seen_by_the_next() -> None:
    def fails() -> None:
        raise ZeroDivisionError

    def ask(waiting: InGreenlets) -> BaseException | None:
        try:
            raise KeyError
        except KeyError as error:
            waiting.sleep(0.001)  # others raise meanwhile
            return error.__context__

    async def main(waiting: InGreenlets) -> list[BaseException | None]:
        with pytest.raises(ZeroDivisionError):
            await waiting.run(fails)
        asked = [waiting.run(partial(ask, waiting)) for _ in range(5)]
        return await asyncio.gather(*asked)

    assert in_a_loop(lambda waiting: asyncio.ensure_future(main(waiting))) == [None] * 5


def test_there_are_no_more_greenlets_than_there_was_work_at_once() -> None:
    async def main(waiting: InGreenlets) -> list[int]:
        counts = []
        for at_once in (3, 7, 2, 7, 5):
            sleeping = (waiting.run(partial(waiting.sleep, 0.001)) for _ in range(at_once))
            await asyncio.gather(*sleeping)
            counts.append(len(waiting._idle))
        return counts

    assert in_a_loop(lambda w: asyncio.ensure_future(main(w))) == [3, 7, 7, 7, 7]


def test_who_is_not_waited_for_any_more_still_ends_its_work() -> None:
    """As when a client has gone."""
    done: list[int] = []

    def work(waiting: InGreenlets) -> None:
        waiting.sleep(0.05)
        done.append(1)

    async def main(waiting: InGreenlets) -> int:
        asked = waiting.run(partial(work, waiting))
        asked.cancel()
        await asyncio.sleep(0.1)
        return await waiting.run(lambda: len(waiting._idle))

    assert in_a_loop(lambda waiting: asyncio.ensure_future(main(waiting))) == 0
    assert done == [1]


def test_a_loop_may_end_before_its_greenlets(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def main(waiting: InGreenlets) -> None:
        waiting.run(partial(waiting.sleep, 60))
        waiting.run(waiting.bell).result()
        waiting.run(lambda: waiting.bell().wait())

    in_a_loop(lambda waiting: asyncio.ensure_future(main(waiting)), new_loop)
    gc.collect()
