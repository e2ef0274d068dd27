"""Greenlets of an event loop share work as threads do; nobody stops the loop by waiting."""

import asyncio
import gc
import os
import resource
import socket
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from contextvars import ContextVar
from functools import partial
from threading import get_ident
from typing import Any, TypeVar

import pytest
import uvloop
from greenlet import getcurrent, greenlet

from domain.errors import Unavailable
from entrypoints.greenlets import InGreenlets
from service_layer import gathering
from service_layer.gathering import Gathering
from service_layer.together import Together
from service_layer.waiting import IN_THREADS, Bell

Result = TypeVar("Result")
HANGS_SECONDS = 10
WHOSE: ContextVar[Any] = ContextVar("whose", default=-1)
LOOPS: list[Callable[[], asyncio.AbstractEventLoop]] = [
    asyncio.SelectorEventLoop,
    uvloop.new_event_loop,
]
OF_EITHER_LOOP = pytest.mark.parametrize("new_loop", LOOPS, ids=["asyncio", "uvloop"])


def together(waiting: InGreenlets, sizes: list[int], threads: set[int]) -> Together[int, int]:
    def double(items: Sequence[int]) -> list[int]:
        sizes.append(len(items))
        threads.add(get_ident())
        time.sleep(0.01)
        return [2 * item for item in items]

    def run(items: Sequence[int]) -> list[int]:
        return waiting.do(partial(double, items))

    return Together(run, lambda: Unavailable("cut short"), waiting=waiting)


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


class CutShort(BaseException):
    """No Exception, as what ends a thread."""


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


@OF_EITHER_LOOP
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


@OF_EITHER_LOOP
def test_who_sleeps_stops_nobody(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    began = time.monotonic()
    _, ticks = in_a_ticking_loop(lambda waiting: waiting.sleep(0.2), new_loop)
    assert time.monotonic() - began >= 0.19
    assert ticks > 5


def test_a_thread_sleeps_as_threads_do() -> None:
    began = time.monotonic()
    InGreenlets().sleep(0.02)
    assert time.monotonic() - began >= 0.02


@OF_EITHER_LOOP
def test_many_sleep_at_once(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    def main(waiting: InGreenlets) -> "asyncio.Future[list[None]]":
        return asyncio.gather(*(waiting.run(partial(waiting.sleep, 0.1)) for _ in range(200)))

    began = time.monotonic()
    in_a_loop(main, new_loop)
    assert time.monotonic() - began < HANGS_SECONDS


# Waiting for files.


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


@OF_EITHER_LOOP
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


@OF_EITHER_LOOP
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


@OF_EITHER_LOOP
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


@OF_EITHER_LOOP
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


# Bells.


@OF_EITHER_LOOP
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


@OF_EITHER_LOOP
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


@OF_EITHER_LOOP
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


@OF_EITHER_LOOP
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


@OF_EITHER_LOOP
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


# Greenlets are used again.


@OF_EITHER_LOOP
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


@OF_EITHER_LOOP
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


@OF_EITHER_LOOP
def test_a_loop_may_end_before_its_greenlets(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def main(waiting: InGreenlets) -> None:
        waiting.run(partial(waiting.sleep, 60))
        waiting.run(waiting.bell).result()
        waiting.run(lambda: waiting.bell().wait())

    in_a_loop(lambda waiting: asyncio.ensure_future(main(waiting)), new_loop)
    gc.collect()
