"""The benchmark's databases on its own PostgreSQL."""

from typing import Any

import psycopg2
from sqlalchemy import make_url

DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")
SHOWN = (
    *DURABILITY,
    "server_version",
    "shared_buffers",
    "wal_compression",
    "commit_delay",
    "max_wal_size",
    "checkpoint_timeout",
    "wal_sync_method",
)
SUPERUSER = "postgres"


def url_of(server_url: str, database: str) -> str:
    """The URL of another database on the same server."""
    return make_url(server_url).set(database=database).render_as_string(hide_password=False)


def connect(url: str, *, user: str | None = None) -> Any:
    """A plain psycopg2 connection, each statement its own transaction."""
    parts = make_url(url)
    connection = psycopg2.connect(
        dbname=parts.database,
        user=user or parts.username,
        host=parts.query["host"],
        port=parts.query["port"],
        application_name="benchmarks",
    )
    connection.autocommit = True
    return connection


def ask(url: str, query: str, *values: object) -> list[Any]:
    """The rows of one query, on a connection of its own."""
    connection = connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query, values)
            rows: list[Any] = cursor.fetchall()
            return rows
    finally:
        connection.close()


def run(url: str, *statements: str, user: str | None = None) -> None:
    """Run statements one after another."""
    connection = connect(url, user=user)
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


def exists(server_url: str, database: str) -> bool:
    """Whether the server has that database."""
    return bool(ask(server_url, "SELECT FROM pg_database WHERE datname = %s", database))


def copy(server_url: str, source: str, target: str) -> str:
    """Make `target` a fresh copy of `source`; gives its URL."""
    drop(server_url, target)
    run(server_url, f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    url = url_of(server_url, target)
    run(url, "VACUUM ANALYZE account, wallet, transaction, posting, idempotency_key")
    return url


def drop(server_url: str, database: str) -> None:
    """Remove a database, whoever is connected."""
    run(server_url, f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def checkpoint(server_url: str) -> None:
    """Write out what came before, so that it is not paid for later."""
    run(server_url, "CHECKPOINT", user=SUPERUSER)


def settings_shown(server_url: str) -> dict[str, str]:
    """The server's settings that matter here; RuntimeError when it is not durable."""
    shown = {name: ask(server_url, f"SHOW {name}")[0][0] for name in SHOWN}
    unsafe = [name for name in DURABILITY if shown[name] != "on"]
    if unsafe:
        raise RuntimeError(f"not durable, so that no figure would mean anything: {unsafe}")
    return shown
