"""Requests that wait without a thread: each short one is a greenlet of the worker's event loop.

Sixty-four threads that queue for Python's one interpreter lock cost a payment more than its own work does
(docs/performance.md). A greenlet gives the loop back where a thread would sleep; what may hold a thread, as
a database does whose driver waits in its own way, is done by a few threads beside it.
"""

import select
import time
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from threading import get_ident
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

from service_layer.waiting import IN_THREADS, Bell

Result = TypeVar("Result")
_OVERDUE = object()
THREADS_MAX = 64
"""More than lanes and look-ups take: each asks the database about an API key now and then."""


class InGreenlets:
    """How the greenlets of `loop` wait; whoever is none of them waits as a thread.

    Made before the loop runs; `start` is called by the thread that runs it.
    """

    _loop: AbstractEventLoop
    _loops_thread: int

    def __init__(self) -> None:
        self._idle: list[greenlet] = []
        self._threads = ThreadPoolExecutor(THREADS_MAX, "work")

    def start(self, loop: AbstractEventLoop) -> None:
        """From now on."""
        self._loop = loop
        self._loops_thread = get_ident()

    def run(self, work: Callable[[], Result]) -> "Future[Result]":
        """What `work` gives, done here and now as far as it goes without waiting."""
        done: Future[Result] = self._loop.create_future()
        worker = self._idle.pop() if self._idle else greenlet(partial(self._labour, getcurrent()))
        worker.gr_context = None
        worker.switch(work, done)
        return done

    def _labour(self, loop: greenlet, work: Callable[[], Any], done: "Future[Any]") -> None:
        """One job after the other: a new greenlet for each would have to ask the kernel for its stack."""
        me = getcurrent()
        while True:
            _tell(work, done)
            del work, done
            self._idle.append(me)
            work, done = loop.switch()

    def bell(self) -> Bell:
        """For a greenlet one that lets the loop go on."""
        me = getcurrent()
        if me.parent is None:
            return IN_THREADS.bell()
        return _GreenletBell(self._loop, me.parent, me, partial(self.resume, me))

    def sleep(self, seconds: float) -> None:
        """While the loop goes on."""
        me = getcurrent()
        if me.parent is None:
            time.sleep(seconds)
        else:
            self._loop.call_later(seconds, me.switch)
            me.parent.switch()

    def until_ready(self, file: int, *, to_write: bool, seconds: float | None) -> bool:
        """Until an open file can be read from, or written to; False when that takes longer."""
        me = getcurrent()
        if me.parent is None:
            return _poll(file, to_write, seconds)
        bell = _GreenletBell(self._loop, me.parent, me, me.switch)
        return _watch(self._loop, bell, file, to_write, seconds)

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


class _GreenletBell:
    __slots__ = ("_loop", "_me", "_others", "ring")

    def __init__(
        self, loop: AbstractEventLoop, others: greenlet, me: greenlet, ring: Callable[[], object]
    ) -> None:
        self._loop = loop
        self._others = others
        self._me = me
        self.ring = ring

    def wait(self, seconds: float | None = None) -> bool:
        if seconds is None:
            self._others.switch()
            return True
        timer = self._loop.call_later(seconds, self._me.switch, _OVERDUE)
        try:
            return self._others.switch() is not _OVERDUE
        finally:
            timer.cancel()


def _poll(file: int, to_write: bool, seconds: float | None) -> bool:
    poll = select.poll()  # `select` has no room for files above 1,023
    poll.register(file, select.POLLOUT if to_write else select.POLLIN)
    return bool(poll.poll(None if seconds is None else seconds * 1000))


def _watch(
    loop: AbstractEventLoop, bell: _GreenletBell, file: int, to_write: bool, seconds: float | None
) -> bool:
    add, remove = (
        (loop.add_writer, loop.remove_writer) if to_write else (loop.add_reader, loop.remove_reader)
    )
    add(file, bell.ring)
    try:
        return bell.wait(seconds)
    finally:
        remove(file)


def _tell(work: Callable[[], Result], done: "Future[Result]") -> None:
    try:
        result = work()
    except BaseException as error:  # whoever waits must not wait for good
        if not done.done():
            done.set_exception(error)
    else:
        if not done.done():
            done.set_result(result)
