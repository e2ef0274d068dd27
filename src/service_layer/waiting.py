"""How those who share work wait until it is done.

As threads do, unless a server brings something lighter: see entrypoints/greenlets.py.
"""

import time
from collections.abc import Callable
from threading import Lock
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Bell(Protocol):
    """Who made it waits for it once; somebody else rings it once, which after the wait wakes nobody."""

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it has rung, in time."""

    def ring(self) -> object: ...


class Waiting(Protocol):
    """Of whoever calls: a thread, or what stands for one."""

    def bell(self) -> Bell:
        """One that the caller will wait for."""

    def sleep(self, seconds: float) -> None:
        """While others go on."""

    def do(self, work: Callable[[], Result]) -> Result:
        """What the work gives, which may hold its thread for as long as a database takes."""


class _ThreadBell:
    __slots__ = ("_asleep", "ring")

    def __init__(self) -> None:
        self._asleep = Lock()
        self._asleep.acquire()
        self.ring = self._asleep.release

    def wait(self, seconds: float | None = None) -> bool:
        return self._asleep.acquire(timeout=-1 if seconds is None else seconds)


class _InThreads:
    """Every caller has a thread of its own, which it may hold."""

    def bell(self) -> Bell:
        return _ThreadBell()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def do(self, work: Callable[[], Result]) -> Result:
        return work()


IN_THREADS: Waiting = _InThreads()
