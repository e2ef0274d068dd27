"""What tests of greenlets share: either loop, with others who have their turns meanwhile."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import uvloop

from entrypoints.greenlets import InGreenlets

Result = TypeVar("Result")
HANGS_SECONDS = 10
LOOPS: list[Callable[[], asyncio.AbstractEventLoop]] = [
    asyncio.SelectorEventLoop,
    uvloop.new_event_loop,
]


def in_a_loop(
    main: Callable[[InGreenlets], "asyncio.Future[Result]"],
    new_loop: Callable[[], asyncio.AbstractEventLoop] = LOOPS[0],
) -> Result:
    async def run() -> Result:
        waiting = InGreenlets()
        waiting.start(asyncio.get_running_loop())
        return await asyncio.wait_for(main(waiting), 3 * HANGS_SECONDS)

    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(run())


async def ticking(work: "asyncio.Future[Result]") -> tuple[Result, int]:
    """What it gives, and how often others had their turn meanwhile."""
    ticks = 0
    while not work.done():
        await asyncio.sleep(0.01)
        ticks += 1
    return await work, ticks


def in_a_ticking_loop(
    work: Callable[[InGreenlets], Result], new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> tuple[Result, int]:
    return in_a_loop(
        lambda waiting: asyncio.ensure_future(ticking(waiting.run(partial(work, waiting)))),
        new_loop,
    )


class CutShort(BaseException):
    """No Exception, as what ends a thread."""
