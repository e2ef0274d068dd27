"""Greenlets and threads wait for files; whatever becomes of those, the loop goes on."""

import asyncio
import os
import resource
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any

import pytest

from entrypoints.greenlets import InGreenlets
from tests.loops import (
    HANGS_SECONDS,
    in_a_ticking_loop,
)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        yield ours, theirs


def full(ours: socket.socket) -> None:
    with suppress(BlockingIOError):
        while True:
            ours.send(b"x" * 65536)


def emptied(theirs: socket.socket) -> None:
    theirs.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            theirs.recv(65536)


Pair = tuple[socket.socket, socket.socket]
Ready = Callable[..., bool]


def readable_at_once(ready: Ready, pair: Pair) -> bool:
    pair[1].send(b"x")
    return ready(pair[0].fileno(), to_write=False, seconds=None)


def readable_later(ready: Ready, pair: Pair) -> bool:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: (time.sleep(0.1), pair[1].send(b"x")))
        return ready(pair[0].fileno(), to_write=False, seconds=HANGS_SECONDS)


def writable_at_once(ready: Ready, pair: Pair) -> bool:
    return ready(pair[0].fileno(), to_write=True, seconds=HANGS_SECONDS)


def writable_later(ready: Ready, pair: Pair) -> bool:
    full(pair[0])
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: (time.sleep(0.1), emptied(pair[1])))
        return ready(pair[0].fileno(), to_write=True, seconds=HANGS_SECONDS)


def other_end_closed(ready: Ready, pair: Pair) -> bool:
    pair[1].close()
    return ready(pair[0].fileno(), to_write=False, seconds=HANGS_SECONDS)


def never_readable(ready: Ready, pair: Pair) -> bool:
    return not ready(pair[0].fileno(), to_write=False, seconds=0.1)


def never_writable(ready: Ready, pair: Pair) -> bool:
    full(pair[0])
    return not ready(pair[0].fileno(), to_write=True, seconds=0.1)


def overdue_before_it_waits(ready: Ready, pair: Pair) -> bool:
    return not ready(pair[0].fileno(), to_write=False, seconds=0.0)


CASES = [
    readable_at_once,
    readable_later,
    writable_at_once,
    writable_later,
    other_end_closed,
    never_readable,
    never_writable,
    overdue_before_it_waits,
]


@pytest.mark.parametrize("case", CASES)
def test_a_greenlet_waits_for_a_file(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
    pair: Pair,
    case: Callable[[Ready, Pair], bool],
) -> None:
    """Twice, so that nothing of the first time stays with the loop."""

    def wait(waiting: InGreenlets) -> bool:
        first = case(waiting.until_ready, pair)
        with suppress(OSError):
            pair[0].recv(1)
        return first

    ended, ticks = in_a_ticking_loop(wait, new_loop)
    assert ended
    if "later" in case.__name__ or "never" in case.__name__:
        assert ticks > 3


@pytest.mark.parametrize("case", CASES)
def test_a_thread_waits_for_a_file(pair: Pair, case: Callable[[Ready, Pair], bool]) -> None:
    assert case(InGreenlets().until_ready, pair)


def test_a_connection_that_is_reset_is_ready(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """By a network that says so: the loop is told of an error, not of something to read."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = socket.create_connection(server.getsockname())
        theirs, _ = server.accept()
        ours.setblocking(False)

        def reset() -> None:
            time.sleep(0.1)
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            theirs.close()

        def wait(waiting: InGreenlets) -> bool:
            with ThreadPoolExecutor(1) as thread:
                thread.submit(reset)
                return waiting.until_ready(ours.fileno(), to_write=False, seconds=HANGS_SECONDS)

        with closing(ours):
            assert in_a_ticking_loop(wait, new_loop)[0]


class WatchedLoop:
    """Knows whether it is just telling of a file that is ready, or of time that is over."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.tells = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loop, name)

    def add_reader(self, file: int, callback: Callable[[], object]) -> None:
        self.loop.add_reader(file, self._tell, callback)

    def add_writer(self, file: int, callback: Callable[[], object]) -> None:
        self.loop.add_writer(file, self._tell, callback)

    def call_later(self, seconds: float, callback: Callable[..., object], *given: Any) -> Any:
        return self.loop.call_later(seconds, self._tell, callback, *given)

    def _tell(self, callback: Callable[..., object], *given: Any) -> None:
        self.tells = True
        callback(*given)
        self.tells = False


@pytest.mark.parametrize(
    "case",
    [readable_at_once, readable_later, writable_at_once, never_readable, overdue_before_it_waits],
)
def test_no_greenlet_goes_on_while_the_loop_tells_of_a_file_or_of_the_time(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
    pair: Pair,
    case: Callable[[Ready, Pair], bool],
) -> None:
    """libuv keeps what it then goes through on the stack, where the greenlet's own may be meanwhile."""

    def wait(waiting: InGreenlets) -> tuple[bool, bool]:
        watched = WatchedLoop(waiting.loop)
        waiting.loop = watched  # type: ignore[assignment]
        return case(waiting.until_ready, pair), watched.tells

    assert in_a_ticking_loop(wait, new_loop)[0] == (True, False)


def test_what_was_waited_for_leaves_its_number_free(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """A file that was waited for is closed, and another gets its number: in time, overdue, for both ways."""

    def wait(waiting: InGreenlets) -> list[bool]:
        answers, numbers = [], set()
        for to_write, comes in [(False, True), (False, False), (True, True), (False, True)]:
            ours, theirs = socket.socketpair()
            with ours, theirs:
                numbers.add(ours.fileno())
                if comes and not to_write:
                    theirs.send(b"x")
                answers.append(waiting.until_ready(ours.fileno(), to_write=to_write, seconds=0.05))
        assert len(numbers) == 1
        return answers

    assert in_a_ticking_loop(wait, new_loop)[0] == [True, False, True, True]


def test_a_thread_waits_for_files_with_high_numbers(pair: Pair) -> None:
    """`select` has room for 1,024 alone."""
    number = 1500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard <= number:
        pytest.skip("so many files are not allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, number + 1), hard))
    try:
        os.dup2(pair[0].fileno(), number)
        ready = InGreenlets().until_ready
        assert not ready(number, to_write=False, seconds=0.01)
        pair[1].send(b"x")
        assert ready(number, to_write=False, seconds=HANGS_SECONDS)
    finally:
        with suppress(OSError):
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
