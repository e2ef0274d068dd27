"""Connections to PostgreSQL: one pool for reading, another for the money road."""

from typing import Any

import sqlalchemy as sa

from adapters.postgres import driver_types, statements
from adapters.postgres.driver_connects import connect_to_any
from service_layer.waiting import Waiting

APPLICATION = "payments"

READ_SECONDS_MAX = 10
LOCK_SECONDS_MAX = 2
POST_SECONDS_MAX = 60

READING = """
SET statement_timeout = '{read_seconds}s';
SET idle_in_transaction_session_timeout = '10s';
SET default_transaction_read_only = on;
"""

# For numbers that nobody should wait for.
WATCHING = """
SET statement_timeout = '2s';
SET lock_timeout = '1s';
SET default_transaction_read_only = on;
"""

# The plans are made once for each connection and kept, often before the tables have grown; what is
# switched off keeps them on the primary keys. What is acknowledged is on disk, whatever the server's default.
POSTING = """
SET lock_timeout = '{lock_seconds}s';
SET statement_timeout = '{post_seconds}s';
SET idle_in_transaction_session_timeout = '10s';
SET plan_cache_mode = force_generic_plan;
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') = 'off';
"""


# A server that fell silent (power, network) is noticed within seconds, not by the kernel's defaults of hours.
PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 11_000,
}


def normalise_url(url: str) -> str:
    """`postgresql://` and `postgres://` mean psycopg 3 or nothing to SQLAlchemy 2.1: name our driver."""
    scheme, separator, rest = url.partition("://")
    if separator and scheme in {"postgres", "postgresql"}:
        return f"postgresql+psycopg2://{rest}"
    return url


def plain_engine(url: str) -> sa.Engine:
    """For migrations and for the command line: a connection at a time, none kept."""
    encoding = {"client_encoding": "utf8"}
    return sa.create_engine(normalise_url(url), poolclass=sa.NullPool, connect_args=encoding)


def working_engine(url: str, *, pool_size: int) -> sa.Engine:
    """For work beside the payments; each connection is kept, with the limits of a background job."""
    return sa.create_engine(
        normalise_url(url),
        isolation_level="READ COMMITTED",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        pool_pre_ping=True,
        connect_args={
            "application_name": f"{APPLICATION} worker",
            "client_encoding": "utf8",
            "options": "-c timezone=UTC -c lock_timeout=5s -c statement_timeout=60s",
            **PATIENCE,
        },
    )


def reading_engine(url: str, *, pool_size: int, read_seconds: int = READ_SECONDS_MAX) -> sa.Engine:
    """For queries: each statement is its own read-only transaction."""
    return _engine(url, pool_size, READING.format(read_seconds=read_seconds), ())


def watching_engine(url: str) -> sa.Engine:
    """For metrics: one connection, whose questions are short."""
    return _engine(url, 1, WATCHING, (), connect_timeout=2)


def posting_engine(
    url: str,
    *,
    pool_size: int,
    lock_seconds: int = LOCK_SECONDS_MAX,
    post_seconds: int = POST_SECONDS_MAX,
) -> sa.Engine:
    """For units of work, which say BEGIN and COMMIT themselves; all statements are prepared."""
    limits = POSTING.format(lock_seconds=lock_seconds, post_seconds=post_seconds)
    return _engine(url, pool_size, limits, statements.ALL)


def connection_of(engine: sa.Engine, waiting: Waiting) -> sa.PoolProxiedConnection:
    """One of the pool; when there is none yet, a thread makes it, which has to look up a name and more."""
    if engine.pool.checkedin():  # type: ignore[attr-defined]
        return engine.raw_connection()
    return waiting.do(engine.raw_connection)


def forget(connection: sa.PoolProxiedConnection, engine: sa.Engine) -> None:
    """One that was lost, with the others of its pool, which have died with it.

    Its empty place would stay in the pool else, to be filled by whoever takes it, be it the loop.
    """
    connection.invalidate()
    engine.dispose()


def _engine(
    url: str, pool_size: int, settings: str, prepare: tuple[str, ...], **patience: int
) -> sa.Engine:
    engine = sa.create_engine(
        normalise_url(url),
        isolation_level="AUTOCOMMIT",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_reset_on_return=None,
        connect_args={
            "application_name": APPLICATION,
            "client_encoding": "utf8",
            **PATIENCE,
            **patience,
        },
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, _arguments: object, where: Any) -> Any:
        return connect_to_any(where)

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: Any, record: object) -> None:
        connection.autocommit = True
        driver_types.register(connection)
        with connection.cursor() as cursor:
            cursor.execute(settings + "SET timezone = 'UTC'")
            if prepare:
                cursor.execute(";".join(prepare))

    return engine
