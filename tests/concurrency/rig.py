"""What tests of concurrency need: rivals on the same books, sessions of strangers, and waiting for locks."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2.extensions
import sqlalchemy as sa

from tests.stage import Stage, a_stage, strike

WAIT_SECONDS_MAX = 20
LOOK_AGAIN_SECONDS = 0.005


@contextmanager
def a_rival(stage: Stage) -> Iterator[Stage]:
    """Another process's view of the same books: its own connections (in memory there is but one)."""
    if stage.url is None:
        yield stage
        return
    rival = a_stage(stage.adapter, stage.url)
    rival.container.clock.override(stage.clock)
    try:
        yield rival
    finally:
        strike(rival)


@contextmanager
def a_stranger(url: str) -> Iterator[psycopg2.extensions.connection]:
    """A session that is not the service's; what it leaves uncommitted is rolled back."""
    session = psycopg2.connect(dsn(url), application_name="stranger")
    try:
        yield session
    finally:
        session.close()


def dsn(url: str) -> str:
    """The URL as libpq reads it."""
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def as_superuser(url: str) -> str:
    """The same database for the superuser of the test servers."""
    return sa.make_url(url).set(username="postgres").render_as_string(hide_password=False)


def sql(url: str, statement: str, *values: object) -> list[tuple[object, ...]]:
    """Run a statement in a session of its own, committed; gives its rows."""
    with a_stranger(url) as session, session.cursor() as cursor:
        cursor.execute(statement, values or None)
        rows = cursor.fetchall() if cursor.description else []
        session.commit()
    return rows


def until(url: str, question: str, *values: object) -> None:
    """Wait until the database answers a yes-or-no question with yes; it has no event to wait for."""
    give_up_at = time.monotonic() + WAIT_SECONDS_MAX
    with a_stranger(url) as session, session.cursor() as cursor:
        session.autocommit = True
        while time.monotonic() < give_up_at:
            cursor.execute(question, values or None)
            if cursor.fetchone() == (True,):
                return
            time.sleep(LOOK_AGAIN_SECONDS)
    raise TimeoutError(f"this did not become true: {question}")


def until_somebody_waits_for_a_lock(url: str, sessions: int = 1) -> None:
    """Wait until so many sessions of this database sleep on a lock."""
    until(
        as_superuser(url),  # others are not shown what the service's sessions wait for
        "SELECT count(*) >= %s FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'",
        sessions,
    )
