"""Real PostgreSQL servers, each test with a database of its own, and stages on every adapter."""

import gc
import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from psycopg2.extensions import set_wait_callback

from tests.loops import LOOPS
from tests.redis_server import RedisServer, redis_server
from tests.servers import Servers
from tests.stage import Stage, a_stage, strike

# A new app is tens of thousands of objects: by default all that was imported is looked through for each.
GARBAGE_THRESHOLDS = (50_000, 20, 50)


def pytest_configure() -> None:
    gc.set_threshold(*GARBAGE_THRESHOLDS)


def pytest_collection_finish() -> None:
    """What is there before the first test stays until the end, so that no collection looks at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(params=LOOPS, ids=["asyncio", "uvloop"])
def new_loop(request: pytest.FixtureRequest) -> Any:
    """Makes an event loop, of either kind."""
    return request.param


@pytest.fixture
def the_drivers_own_way_afterwards() -> Iterator[None]:
    """For tests in which psycopg2 waits as greenlets do."""
    yield
    set_wait_callback(None)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture(autouse=True)
def leave_no_database(servers: Servers) -> Iterator[None]:
    """What a test has made on the servers ends with it; what wider fixtures have made stays."""
    count = servers.count()
    yield
    servers.take_back_since(count)


@pytest.fixture(autouse=True)
def leave_the_environment() -> Iterator[None]:
    """`payments serve` hands its settings to its workers in the environment, which is that of all tests."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture
def redis_of_test() -> Iterator[RedisServer]:
    """A Redis of the test's own."""
    with redis_server() as server:
        yield server


@pytest.fixture
def database_url(servers: Servers) -> str:
    """An empty database on the newest PostgreSQL."""
    return servers.new_database("postgres18")


@pytest.fixture(params=["memory", "postgres18", "postgres15"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A stage on each adapter in turn; when the test is over its books must add up."""
    yield from _checked(request, request.param)


@pytest.fixture
def memory_stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A stage in memory; when the test is over its books must add up."""
    yield from _checked(request, "memory")


@pytest.fixture
def postgres_stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A stage on the newest PostgreSQL; when the test is over its books must add up."""
    yield from _checked(request, "postgres18")


def _checked(request: pytest.FixtureRequest, adapter: str) -> Iterator[Stage]:
    url = None
    if adapter != "memory":
        servers: Servers = request.getfixturevalue("servers")
        url = servers.new_ledger(adapter)
    stage = a_stage(adapter, url, migrated=True)
    try:
        yield stage
        if request.node.get_closest_marker("damages_the_books") is None:
            assert stage.findings() == ()
    finally:
        strike(stage)
