"""Requests that wait without a thread: each short one is a greenlet of the worker's event loop.

Sixty-four threads that queue for Python's one interpreter lock cost a payment more than its own work does
(docs/performance.md). A greenlet gives the loop back where a thread would sleep; what may hold a thread, as
a database does, is done by a few threads beside it.
"""

from asyncio import AbstractEventLoop, Future
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from threading import get_ident
from typing import TypeVar

from greenlet import getcurrent, greenlet

from service_layer.waiting import IN_THREADS, Bell

Result = TypeVar("Result")
THREADS_MAX = 64
"""More than lanes and look-ups take: each asks the database about an API key now and then."""


class InGreenlets:
    """How the greenlets of `loop` wait; whoever is none of them waits as a thread.

    Made before the loop runs; `start` is called by the thread that runs it.
    """

    _loop: AbstractEventLoop
    _loops_thread: int

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS_MAX, "work")

    def start(self, loop: AbstractEventLoop) -> None:
        """From now on."""
        self._loop = loop
        self._loops_thread = get_ident()

    def run(self, work: Callable[[], Result]) -> "Future[Result]":
        """What `work` gives, done here and now as far as it goes without waiting."""
        done: Future[Result] = self._loop.create_future()
        greenlet(_tell).switch(work, done)
        return done

    def bell(self) -> Bell:
        """For a greenlet one that lets the loop go on."""
        me = getcurrent()
        if me.parent is None:
            return IN_THREADS.bell()
        return _GreenletBell(wait=me.parent.switch, ring=partial(self.resume, me))

    def do(self, work: Callable[[], Result]) -> Result:
        """In another thread while the loop goes on; a thread does it itself."""
        me = getcurrent()
        if me.parent is None:
            return work()
        done = self._threads.submit(copy_context().run, work)
        done.add_done_callback(lambda _: self.resume(me))
        me.parent.switch()
        return done.result()

    def resume(self, sleeper: "greenlet") -> None:
        """Let it go on when it is its turn; at once or not, it is asleep by then."""
        if get_ident() == self._loops_thread:
            self._loop.call_soon(sleeper.switch)
        else:
            self._loop.call_soon_threadsafe(sleeper.switch)


@dataclass(frozen=True, slots=True, kw_only=True)
class _GreenletBell:
    wait: Callable[[], object]
    ring: Callable[[], object]


def _tell(work: Callable[[], Result], done: "Future[Result]") -> None:
    try:
        result = work()
    except BaseException as error:  # whoever waits must not wait for good
        if not done.done():
            done.set_exception(error)
    else:
        if not done.done():
            done.set_result(result)
