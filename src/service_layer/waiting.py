"""How those who share work wait until it is done.

As threads do, unless a server brings something lighter: see entrypoints/greenlets.py.
"""

from collections.abc import Callable
from threading import Lock
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Bell(Protocol):
    """Who made it waits for it once; somebody else rings it once."""

    def wait(self) -> object: ...

    def ring(self) -> object: ...


class Waiting(Protocol):
    """Of whoever calls: a thread, or what stands for one."""

    def bell(self) -> Bell:
        """One that the caller will wait for."""

    def do(self, work: Callable[[], Result]) -> Result:
        """What the work gives, which may hold its thread for as long as a database takes."""


class _ThreadBell:
    __slots__ = ("ring", "wait")

    def __init__(self) -> None:
        asleep = Lock()
        asleep.acquire()
        self.wait = asleep.acquire
        self.ring = asleep.release


class _InThreads:
    """Every caller has a thread of its own, which it may hold."""

    def bell(self) -> Bell:
        return _ThreadBell()

    def do(self, work: Callable[[], Result]) -> Result:
        return work()


IN_THREADS: Waiting = _InThreads()
