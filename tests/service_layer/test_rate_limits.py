"""How often anybody may ask: whole windows, counted apart for each kind, for each who asks."""

import tracemalloc
from dataclasses import dataclass
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.memory.rate_counter import MemoryRateCounter
from service_layer.rate_limits import Kind, NoCounter, Rate, RateCounter, RateLimits, Standing

TEN = Rate(amount=10, seconds=60)


@dataclass
class Now:
    seconds: float = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


def limits(now: Now, shared: RateCounter | None = None) -> RateLimits:
    own = MemoryRateCounter()
    rates = {Kind.READS: TEN, Kind.WRITES: TEN, Kind.FAILURES: TEN}
    return RateLimits(rates=rates, shared=shared or own, own=own, clock=now)


def spent(limits: RateLimits, who: str = "a", kind: Kind = Kind.READS, cost: int = 1) -> Standing:
    standing = limits.spend(kind, who, cost=cost)
    assert standing is not None
    return standing


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(1, 12)), max_size=60))
def test_never_more_than_the_amount_passes_in_one_window(steps: list[tuple[float, int]]) -> None:
    now = Now()
    counting = limits(now)
    passed: dict[int, int] = {}
    for wait, cost in steps:
        now.seconds += wait
        standing = spent(counting, cost=cost)
        if not standing.exceeded:
            window = int(now.seconds // TEN.seconds)
            passed[window] = passed.get(window, 0) + cost
    assert all(total <= TEN.amount for total in passed.values())


def test_the_tenth_passes_but_not_the_eleventh() -> None:
    counting = limits(Now())
    standings = [spent(counting) for _ in range(11)]
    assert [each.exceeded for each in standings] == [False] * 10 + [True]
    assert [each.remaining for each in standings] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]


def test_who_waits_as_long_as_told_passes_again() -> None:
    now = Now(1_000_061.75)
    counting = limits(now)
    refused = [spent(counting) for _ in range(11)][-1]
    assert refused.reset_seconds == 19  # rounded up: the window ends at 1,000,080
    now.seconds += refused.reset_seconds
    assert not spent(counting).exceeded


def test_what_one_has_used_takes_nothing_from_another() -> None:
    counting = limits(Now())
    for _ in range(20):
        spent(counting, "a")
    assert spent(counting, "b").remaining == 9
    assert spent(counting, "a", Kind.WRITES).remaining == 9


def test_looking_uses_nothing() -> None:
    counting = limits(Now())
    assert [spent(counting, cost=0).used for _ in range(3)] == [0, 0, 0]


def test_what_is_given_back_can_be_used_again() -> None:
    counting = limits(Now())
    spent(counting, kind=Kind.WRITES)
    too_many = spent(counting, kind=Kind.WRITES, cost=10)
    assert too_many.exceeded
    counting.give_back(too_many, "a", cost=10)
    assert spent(counting, kind=Kind.WRITES).remaining == 8


def test_what_is_given_back_too_late_gives_nothing_in_the_next_window() -> None:
    now = Now()
    counting = limits(now)
    before = spent(counting, cost=10)
    now.seconds += 60
    spent(counting, cost=2)
    counting.give_back(before, "a", cost=10)
    assert spent(counting, cost=0).used == 2


@pytest.mark.parametrize(("operations", "cost"), [(1, 1), (10, 10), (10_000, 10)])
def test_a_batch_costs_a_whole_window_at_most(operations: int, cost: int) -> None:
    assert limits(Now()).whole_cost(Kind.WRITES, operations) == cost


def test_what_has_no_rate_is_not_limited() -> None:
    assert limits(Now()).spend(Kind.PAGES, "a") is None


def test_what_cannot_be_counted_passes_and_is_noted() -> None:
    noted: list[tuple[str, Kind]] = []
    counting = RateLimits(
        rates={Kind.READS: TEN},
        shared=NoCounter(),
        own=MemoryRateCounter(),
        clock=Now(),
        note=lambda event, kind: noted.append((event, kind)),
    )
    assert [counting.spend(Kind.READS, "a") for _ in range(20)] == [None] * 20
    assert noted == [("uncounted", Kind.READS)] * 20


def test_what_is_strict_is_then_counted_by_this_process_alone() -> None:
    counting = limits(Now(), NoCounter())
    standings = [counting.spend(Kind.FAILURES, "a", strictly=True) for _ in range(11)]
    assert [each is not None and each.exceeded for each in standings] == [False] * 10 + [True]


def test_threads_do_not_lose_a_count() -> None:
    counter = MemoryRateCounter()

    def many() -> None:
        for _ in range(2000):
            counter.add("a", 1, 60, 1)

    threads = [Thread(target=many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.add("a", 1, 60, 0) == 16_000


def test_a_hundred_thousand_addresses_do_not_fill_the_memory() -> None:
    counter = MemoryRateCounter(names_max=1000)
    for number in range(2000):
        counter.add(f"failures:10.0.{number}", 1, 60, 1)
    tracemalloc.start()
    try:
        for number in range(100_000):
            counter.add(f"failures:{number}", 2, 60, 1)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(counter) == 1000
    assert grown < 1_000_000


def test_who_keeps_asking_is_not_forgotten_for_those_who_came_before() -> None:
    counter = MemoryRateCounter(names_max=3)
    for name in ("old", "b", "c"):
        counter.add(name, 1, 60, 5)
    counter.add("old", 2, 60, 5)
    counter.add("new", 2, 60, 1)
    assert counter.add("old", 2, 60, 0) == 5
