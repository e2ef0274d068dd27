"""Requests that wait without a thread: each short one is a greenlet of the worker's event loop.

Sixty-four threads that queue for Python's one interpreter lock cost a payment more than its own work does
(docs/performance.md). A greenlet gives the loop back where a thread would sleep; what may hold a thread, as
a database does whose driver waits in its own way, is done by a few threads beside it.
"""

import select
import time
from asyncio import AbstractEventLoop, Future, TimerHandle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from threading import get_ident
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

from service_layer.waiting import IN_THREADS, Bell

Result = TypeVar("Result")
THREADS_MAX = 64
"""More than lanes and look-ups take: each asks the database about an API key now and then."""


class InGreenlets:
    """How the greenlets of `loop` wait; whoever is none of them waits as a thread.

    Made before the loop runs; `start` is called by the thread that runs it.
    """

    loop: AbstractEventLoop
    _loops_thread: int

    def __init__(self) -> None:
        self._idle: list[greenlet] = []
        self._threads = ThreadPoolExecutor(THREADS_MAX, "work")

    def start(self, loop: AbstractEventLoop) -> None:
        """From now on."""
        self.loop = loop
        self._loops_thread = get_ident()

    def run(self, work: Callable[[], Result]) -> "Future[Result]":
        """What `work` gives, done here and now as far as it goes without waiting."""
        done: Future[Result] = self.loop.create_future()
        worker = self._idle.pop() if self._idle else self._hire()
        worker.switch(work, done)
        return done

    def _hire(self) -> greenlet:
        """One that waits for work: what it begins with stays with it until its end."""
        worker = greenlet(partial(self._labour, getcurrent()))
        worker.switch()
        return worker

    def _labour(self, loop: greenlet) -> None:
        """One job after the other: a new greenlet for each would have to ask the kernel for its stack."""
        me = getcurrent()
        while True:
            _tell(*loop.switch())
            me.gr_context = None  # the next has one of its own, which keeps nothing of this one
            self._idle.append(me)

    def bell(self) -> Bell:
        """For a greenlet one that lets the loop go on."""
        me = getcurrent()
        if me.parent is None:
            return IN_THREADS.bell()
        return _GreenletBell(self, me, me.parent)

    def sleep(self, seconds: float) -> None:
        """While the loop goes on."""
        if getcurrent().parent is None:
            time.sleep(seconds)
        else:
            self.bell().wait(seconds)

    def until_ready(self, file: int, *, to_write: bool, seconds: float | None) -> bool:
        """Until an open file can be read from, or written to; False when that takes longer."""
        me = getcurrent()
        if me.parent is None:
            return _poll(file, to_write, seconds)
        return _watch(self.loop, _GreenletBell(self, me, me.parent), file, to_write, seconds)

    def do(self, work: Callable[[], Result]) -> Result:
        """In another thread while the loop goes on; a thread does it itself."""
        if getcurrent().parent is None:
            return work()
        bell = self.bell()
        done = self._threads.submit(copy_context().run, work)
        done.add_done_callback(lambda _: bell.ring())
        bell.wait()
        return done.result()

    def until_done(self, future: "Future[Any]", seconds: float) -> bool:
        """Until a future of the loop is done; False when that takes longer. For greenlets."""
        bell = self.bell()
        future.add_done_callback(lambda _: bell.ring())
        return bell.wait(seconds)

    def call_soon(self, callback: Callable[[], object]) -> None:
        """In the loop, from whichever thread."""
        if get_ident() == self._loops_thread:
            self.loop.call_soon(callback)
        else:
            self.loop.call_soon_threadsafe(callback)

    def call_later(self, seconds: float, callback: Callable[[], object]) -> TimerHandle:
        """In the loop, called by a greenlet."""
        return self.loop.call_later(seconds, self.loop.call_soon, callback)


class _GreenletBell:
    """Wakes nobody but who waits for it: a ring may be late, when the greenlet sleeps for another reason.

    It does so from the loop's queue of what is ready alone. While libuv goes through files or timers, it has
    them on the stack, where a greenlet would have its own in their place: its next call would crash.
    """

    __slots__ = ("_asleep", "_home", "_me", "_others", "_rung")

    def __init__(self, home: InGreenlets, me: greenlet, others: greenlet) -> None:
        self._home = home
        self._me = me
        self._others = others
        self._asleep = False
        self._rung = False

    def ring(self) -> None:
        self._home.call_soon(self.wake)

    def wake(self) -> None:
        """Called by the loop."""
        self._rung = True
        self._go_on()

    def wait(self, seconds: float | None = None) -> bool:
        if self._rung:
            return True
        timer = None if seconds is None else self._home.call_later(seconds, self._go_on)
        self._asleep = True
        try:
            self._others.switch()
        finally:
            self._asleep = False
            if timer:
                timer.cancel()
        return self._rung

    def _go_on(self) -> None:
        if self._asleep:
            self._me.switch()


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
            done.set_exception(_bearable(error))
    else:
        if not done.done():
            done.set_result(result)


def _bearable(error: BaseException) -> BaseException:
    """A future takes every error but one."""
    if isinstance(error, StopIteration):
        bearable = RuntimeError("the work raised StopIteration")
        bearable.__cause__ = error
        return bearable
    return error
