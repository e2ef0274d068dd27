"""What a real Redis does for the service, and what its absence does not do to it."""

import logging
import time
from collections.abc import Iterator
from itertools import count
from threading import Thread

import pytest

from adapters.memory.rate_counter import MemoryRateCounter
from adapters.redis.breaker import OPEN_SECONDS, Breaker
from adapters.redis.connection import TIMEOUT_SECONDS, connection_pool
from adapters.redis.rate_counter import RedisRateCounter
from adapters.redis.read_cache import VALUE_BYTES_MAX, RedisReadCache
from service_layer.rate_limits import RateCounter
from tests.redis_server import RedisServer

SECOND_MAX = 5.0


def a_counter(server: RedisServer) -> RedisRateCounter:
    return RedisRateCounter(server.url, connection_pool(server.url), Breaker(purpose="limits"))


def a_cache(server: RedisServer, books: str = "books") -> RedisReadCache:
    return RedisReadCache(connection_pool(server.url), Breaker(purpose="reads"), books)


@pytest.fixture(params=["memory", "redis"])
def counter(request: pytest.FixtureRequest) -> Iterator[RateCounter]:
    """Each counter in turn."""
    if request.param == "memory":
        yield MemoryRateCounter()
    else:
        yield a_counter(request.getfixturevalue("redis_of_test"))


def test_windows_of_each_name_are_counted_apart(counter: RateCounter) -> None:
    assert [counter.add("a", 7, 60, 1) for _ in range(3)] == [1, 2, 3]
    assert counter.add("b", 7, 60, 5) == 5
    assert counter.add("a", 8, 60, 1) == 1


def test_what_is_taken_back_is_not_counted(counter: RateCounter) -> None:
    counter.add("a", 7, 60, 10)
    assert counter.add("a", 7, 60, -4) == 6
    assert counter.add("a", 7, 60, 0) == 6


def test_processes_count_together_in_redis(redis_of_test: RedisServer) -> None:
    one, other = a_counter(redis_of_test), a_counter(redis_of_test)
    one.add("a", 7, 60, 2)
    assert other.add("a", 7, 60, 1) == 3


def test_nothing_stays_in_redis_for_good(redis_of_test: RedisServer) -> None:
    a_counter(redis_of_test).add("a", 7, 60, 1)
    a_counter(redis_of_test).add("a", 7, 60, 0)
    a_cache(redis_of_test).put("k", b"v")
    keys = redis_of_test.client.keys()
    assert len(keys) == 2
    assert all(redis_of_test.client.ttl(key) > 0 for key in keys)


def test_other_books_on_the_same_redis_are_not_taken_for_ours(redis_of_test: RedisServer) -> None:
    ours, theirs = a_cache(redis_of_test), a_cache(redis_of_test, "others")
    ours.put("k", b"v")
    assert (ours.get("k"), theirs.get("k")) == (b"v", None)


def test_what_is_too_large_is_not_sent(redis_of_test: RedisServer) -> None:
    a_cache(redis_of_test).put("k", bytes(VALUE_BYTES_MAX + 1))
    assert redis_of_test.client.keys() == []


@pytest.mark.parametrize("fault", ["hang", "kill"])
def test_a_redis_that_is_away_slows_nobody_down(redis_of_test: RedisServer, fault: str) -> None:
    counter, cache = a_counter(redis_of_test), a_cache(redis_of_test)
    counter.add("a", 7, 600, 1)
    cache.put("k", b"v")
    getattr(redis_of_test, fault)()
    began = time.monotonic()
    assert [counter.add("a", 7, 600, 1) for _ in range(1000)] == [None] * 1000
    assert [cache.get("k") for _ in range(1000)] == [None] * 1000
    cache.put("k", b"v")
    # One timeout each, perhaps another when the pause was over; not two thousand.
    assert time.monotonic() - began < 10 * TIMEOUT_SECONDS + SECOND_MAX


@pytest.mark.parametrize("fault", ["hang", "kill"])
def test_a_redis_that_is_back_is_used_again_without_a_restart(
    redis_of_test: RedisServer, fault: str
) -> None:
    counter = a_counter(redis_of_test)
    counter.add("a", 7, 600, 1)
    getattr(redis_of_test, fault)()
    assert counter.add("a", 7, 600, 1) is None
    if fault == "hang":
        redis_of_test.go_on()
    else:
        redis_of_test.start()
    deadline = time.monotonic() + OPEN_SECONDS + SECOND_MAX
    while counter.add("b", 7, 600, 1) is None:
        assert time.monotonic() < deadline, "it is not used again"
        time.sleep(0.05)
    assert counter.add("c", 7, 600, 1) == 1


def test_after_a_restart_no_old_connection_fails(redis_of_test: RedisServer) -> None:
    counter = a_counter(redis_of_test)
    threads = [Thread(target=counter.add, args=("a", 7, 600, 1)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    redis_of_test.kill()
    redis_of_test.start()
    assert [counter.add("b", 7, 600, 1) for _ in range(30)] == list(range(1, 31))


def test_an_outage_is_logged_once_with_its_end(
    redis_of_test: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    ticks = count()
    breaker = Breaker(purpose="limits", clock=lambda: float(next(ticks)))
    counter = RedisRateCounter(redis_of_test.url, connection_pool(redis_of_test.url), breaker)
    redis_of_test.kill()
    with caplog.at_level(logging.INFO):
        for _ in range(20):
            counter.add("a", 7, 600, 1)
        redis_of_test.start()
        for _ in range(4):
            counter.add("a", 7, 600, 1)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2, said
    assert said[0] == "Redis does not answer (ConnectionError); limits go on without it."
    assert said[1].startswith("Redis answers again after ")
    assert breaker.failures + breaker.skipped >= 20


def test_no_secret_of_the_address_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    url = "redis://:hunter2@127.0.0.1:1/0"
    counter = RedisRateCounter(url, connection_pool(url), Breaker(purpose="limits"))
    assert counter.add("a", 7, 60, 1) is None
    assert "hunter2" not in caplog.text
    assert "does not answer" in caplog.text
