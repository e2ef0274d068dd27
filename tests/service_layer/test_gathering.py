"""Who leads soon after a batch waits for those it answered; nobody waits for nothing, or for good."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, count
from threading import Barrier, Event, Thread

import pytest

from domain.errors import Unavailable
from service_layer import gathering
from service_layer.gathering import SECONDS_MAX, Gathering
from service_layer.group_commit import GroupCommit
from service_layer.together import Together
from service_layer.waiting import IN_THREADS, Bell

HANGS_SECONDS = 10


def _nothing() -> None:
    pass


@dataclass
class BellOfTest:
    """Waits for no time at all: `meanwhile` is what happens while it is waited for."""

    meanwhile: Callable[[], object]
    waits: list[float | None]
    rings: int = 0

    def wait(self, seconds: float | None = None) -> bool:
        self.waits.append(seconds)
        self.meanwhile()
        return self.rings > 0

    def ring(self) -> None:
        self.rings += 1


@dataclass
class WaitingOfTest:
    meanwhile: Callable[[], object] = _nothing
    waits: list[float | None] = field(default_factory=list)
    bells: list[BellOfTest] = field(default_factory=list)

    def bell(self) -> Bell:
        self.bells.append(BellOfTest(self.meanwhile, self.waits))
        return self.bells[-1]

    def sleep(self, seconds: float) -> None:
        raise NotImplementedError

    def do(self, work: Callable[[], object]) -> object:
        raise NotImplementedError


@dataclass
class ClockOfTest:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ClockOfTest:
    clock = ClockOfTest()
    monkeypatch.setattr(gathering, "perf_counter", clock)
    return clock


def one() -> int:
    return 1


def until(question: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + HANGS_SECONDS
    while not question():
        assert time.monotonic() < give_up_at
        time.sleep(0.001)


# How long.


def test_who_leads_before_any_batch_has_ended_does_not_wait(clock: ClockOfTest) -> None:
    waiting = WaitingOfTest()
    Gathering(waiting, 2.0).wait(one)
    assert waiting.waits == []


def test_who_comes_alone_after_a_batch_of_one_does_not_wait(clock: ClockOfTest) -> None:
    waiting = WaitingOfTest()
    gathered = Gathering(waiting, 2.0)
    gathered.ended(1, 0.005)
    gathered.wait(one)
    assert waiting.waits == []


@pytest.mark.parametrize(
    ("took", "waits"),
    [(0.001, 0.002), (0.005, 0.010), (0.010, 0.020), (0.5, SECONDS_MAX), (60.0, SECONDS_MAX)],
)
def test_it_waits_no_longer_than_patience_times_the_batch_and_never_longer_than_the_most(
    clock: ClockOfTest, took: float, waits: float
) -> None:
    waiting = WaitingOfTest()
    gathered = Gathering(waiting, 2.0)
    gathered.ended(2, took)
    gathered.wait(one)
    assert waiting.waits == [pytest.approx(waits)]


def test_the_time_counts_from_the_end_of_the_batch(clock: ClockOfTest) -> None:
    waiting = WaitingOfTest()
    gathered = Gathering(waiting, 2.0)
    gathered.ended(2, 0.005)
    clock.now += 0.004
    gathered.wait(one)
    clock.now += 0.006
    gathered.wait(one)
    assert waiting.waits == [pytest.approx(0.006)]


def test_without_patience_nobody_waits(clock: ClockOfTest) -> None:
    waiting = WaitingOfTest()
    gathered = Gathering(waiting, 0)
    gathered.ended(64, 60.0)
    gathered.wait(one)
    assert waiting.waits == []


# For whom.


@pytest.mark.parametrize("size", [2, 3, 64])
def test_it_is_rung_by_the_last_of_as_many_as_the_batch_had_and_once(
    clock: ClockOfTest, size: int
) -> None:
    waiting = WaitingOfTest()
    gathered = Gathering(waiting, 2.0)
    rings = []

    def all_come() -> None:
        for come in range(2, size + 3):
            gathered.has_come(come)
            rings.append(waiting.bells[0].rings)

    waiting.meanwhile = all_come
    gathered.ended(size, 0.01)
    gathered.wait(one)
    assert rings == [0] * (size - 2) + [1, 1, 1]


def test_who_finds_enough_there_does_not_wait(clock: ClockOfTest) -> None:
    waiting = WaitingOfTest()
    gathered = Gathering(waiting, 2.0)
    gathered.ended(3, 0.01)
    gathered.wait(lambda: 3)
    assert waiting.waits == []


def test_the_last_who_comes_while_the_leader_is_about_to_wait_is_not_waited_for(
    clock: ClockOfTest,
) -> None:
    """Between the leader's two looks."""
    waiting = WaitingOfTest()
    gathered = Gathering(waiting, 2.0)
    looks = count(1)

    def come() -> int:
        here = next(looks)
        if here == 1:
            gathered.has_come(2)
        return here

    gathered.ended(2, 0.01)
    gathered.wait(come)
    assert waiting.waits == []
    gathered.wait(one)
    assert len(waiting.waits) == 1


def test_who_comes_when_nobody_gathers_rings_nobody(clock: ClockOfTest) -> None:
    waiting = WaitingOfTest()
    gathered = Gathering(waiting, 2.0)
    gathered.ended(2, 0.01)
    gathered.has_come(2)
    gathered.wait(one)
    gathered.has_come(2)
    assert [bell.rings for bell in waiting.bells] == [0]


# One at a time.


def test_while_one_leader_gathers_another_goes_at_once(clock: ClockOfTest) -> None:
    waiting = WaitingOfTest()
    gathered = Gathering(waiting, 2.0)
    waiting.meanwhile = lambda: gathered.wait(one)
    gathered.ended(3, 0.01)
    gathered.wait(one)
    assert len(waiting.waits) == 1


def test_a_leader_who_goes_on_leaves_the_bell_of_the_next_one_hanging(clock: ClockOfTest) -> None:
    """The first is rung; before it goes on a second one begins to gather, who is rung too."""
    waiting = WaitingOfTest()
    gathered = Gathering(waiting, 2.0)
    goes_on, second_hangs = Event(), Event()
    gathered.ended(2, 0.01)
    with ThreadPoolExecutor(2) as threads:
        waiting.meanwhile = lambda: goes_on.wait(HANGS_SECONDS)
        first = threads.submit(gathered.wait, one)
        until(lambda: len(waiting.waits) == 1)
        gathered.has_come(2)

        def hang() -> None:
            second_hangs.set()
            first.result(HANGS_SECONDS)
            gathered.has_come(2)

        waiting.bells[0].meanwhile, waiting.meanwhile = waiting.meanwhile, hang
        second = threads.submit(gathered.wait, one)
        assert second_hangs.wait(HANGS_SECONDS)
        goes_on.set()
        second.result(HANGS_SECONDS)
    assert [bell.rings for bell in waiting.bells] == [1, 1]


def test_a_leader_who_is_interrupted_is_rung_by_nobody_and_the_next_may_gather(
    clock: ClockOfTest,
) -> None:
    waiting = WaitingOfTest()
    gathered = Gathering(waiting, 2.0)

    def interrupted() -> None:
        raise KeyboardInterrupt

    waiting.meanwhile = interrupted
    gathered.ended(2, 0.01)
    with pytest.raises(KeyboardInterrupt):
        gathered.wait(one)
    gathered.has_come(2)
    waiting.meanwhile = _nothing
    gathered.wait(one)
    assert [bell.rings for bell in waiting.bells] == [0, 0]
    assert len(waiting.waits) == 2


def test_a_leader_who_is_interrupted_just_when_it_was_rung_is_not_stuck(clock: ClockOfTest) -> None:
    """As a signal can interrupt a thread that has heard its bell, and has not yet gone on."""
    waiting = WaitingOfTest()
    gathered = Gathering(waiting, 2.0)

    def rung_and_interrupted() -> None:
        gathered.has_come(2)
        raise KeyboardInterrupt

    waiting.meanwhile = rung_and_interrupted
    gathered.ended(2, 0.01)
    with pytest.raises(KeyboardInterrupt):
        gathered.wait(one)
    assert (len(waiting.waits), waiting.bells[0].rings) == (1, 1)


def test_a_ring_that_crosses_with_the_end_of_the_time_keeps_nobody() -> None:
    """Threads: rung a little before, just when, or after the leader gives up."""
    gathered = Gathering(IN_THREADS, 2.0)
    start = Barrier(2)
    ended = Event()
    rounds = 2000

    def come_in_time() -> None:
        for number in range(rounds):
            start.wait(HANGS_SECONDS)
            until = time.perf_counter() + (number % 20) * 1e-5
            while time.perf_counter() < until:
                pass
            gathered.has_come(2)
        ended.set()

    comer = Thread(target=come_in_time, daemon=True)
    comer.start()
    for number in range(rounds):
        gathered.ended(2, (number % 7) * 2e-5)
        start.wait(HANGS_SECONDS)
        gathered.wait(one)
        assert gathered._bell is None
    assert ended.wait(HANGS_SECONDS)


# Together.


def together(sizes: list[int], seconds: float = 0, **rest: float) -> Together[int, int]:
    def double(items: Sequence[int]) -> list[int]:
        sizes.append(len(items))
        time.sleep(seconds)
        return [2 * item for item in items]

    return Together(double, lambda: Unavailable("cut short"), **rest)  # type: ignore[arg-type]


def test_the_next_batch_has_all_whom_the_last_one_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each comes again as soon as it has its answer: one by one."""
    monkeypatch.setattr(gathering, "SECONDS_MAX", HANGS_SECONDS)
    sizes: list[int] = []
    shared = together(sizes, 0.02, patience=1000)

    def come(number: int) -> list[int]:
        return [shared.share(number + each) for each in range(0, 300, 100)]

    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(shared.share, 1)
        until(lambda: bool(sizes))
        customers = [threads.submit(come, number) for number in range(8)]
        until(lambda: shared.waiting == 8)
        assert first.result(HANGS_SECONDS) == 2
        began = time.monotonic()
        results = [each.result(HANGS_SECONDS) for each in customers]
    assert results == [[2 * (number + each) for each in (0, 100, 200)] for number in range(8)]
    assert sizes == [1, 8, 8, 8]
    assert time.monotonic() - began < HANGS_SECONDS / 2  # it was rung: the time was not over


def test_who_comes_alone_again_and_again_is_never_delayed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "SECONDS_MAX", HANGS_SECONDS)
    sizes: list[int] = []
    shared = together(sizes, 0.001, patience=10_000)
    began = time.monotonic()
    assert [shared.share(number) for number in range(20)] == [2 * number for number in range(20)]
    assert sizes == [1] * 20
    assert time.monotonic() - began < HANGS_SECONDS / 2


def test_who_comes_alone_after_a_crowd_is_delayed_once() -> None:
    sizes: list[int] = []
    shared = together(sizes, 0.1, patience=2)
    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(shared.share, 1)
        until(lambda: bool(sizes))
        crowd = [threads.submit(shared.share, number) for number in range(8)]
        for each in [first, *crowd]:
            each.result(HANGS_SECONDS)
    assert [shared.share(3), shared.share(4)] == [6, 8]
    assert sizes == [1, 8, 1, 1]


def test_a_leader_who_is_interrupted_while_it_gathers_passes_the_lane_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "SECONDS_MAX", HANGS_SECONDS)
    sizes: list[int] = []
    shared = together(sizes, patience=1000)
    waits = chain([True], iter(bool, True))
    real = Gathering.wait

    def interrupted(self: Gathering, come: Callable[[], int]) -> None:
        if next(waits):
            until(lambda: shared.waiting == 2)  # others come to wait behind it
            raise KeyboardInterrupt
        real(self, come)

    monkeypatch.setattr(Gathering, "wait", interrupted)
    with ThreadPoolExecutor(3) as threads:
        leader = threads.submit(shared.share, 1)
        time.sleep(0.01)
        others = [threads.submit(shared.share, number) for number in (2, 3)]
        assert isinstance(leader.exception(HANGS_SECONDS), KeyboardInterrupt)
        assert [each.result(HANGS_SECONDS) for each in others] == [4, 6]
    assert (sizes, shared.waiting) == ([2], 0)
    assert shared.share(4) == 8


def test_commits_have_patience_and_questions_have_none() -> None:
    assert GroupCommit(lambda commands: [])._gathering._patience > 0
    assert together([])._gathering._patience == 0


@pytest.mark.parametrize("lanes", [1, 2, 3])
@pytest.mark.parametrize("most_seconds", [0.0002, 0.002])
def test_among_many_threads_everybody_gets_their_own(
    monkeypatch: pytest.MonkeyPatch, lanes: int, most_seconds: float
) -> None:
    monkeypatch.setattr(gathering, "SECONDS_MAX", most_seconds)
    sizes: list[int] = []
    shared = together(sizes, 0.0001, patience=3, lanes=lanes, batch_size_max=8)

    def come(customer: int) -> bool:
        mine = range(customer * 1000, customer * 1000 + 100)
        return [shared.share(number) for number in mine] == [2 * number for number in mine]

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(come, range(16), timeout=6 * HANGS_SECONDS))
    assert sum(sizes) == 1600
    assert max(sizes) <= 8
