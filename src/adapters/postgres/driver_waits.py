"""How the driver waits for the server: as whoever asks does, who may be no thread.

psycopg2 does so for all connections of a process (its manual: "Support for coroutine libraries").
"""

from functools import partial
from time import monotonic
from typing import Protocol

import psycopg2
from psycopg2.extensions import (
    POLL_OK,
    POLL_READ,
    POLL_WRITE,
    STATUS_SETUP,
    connection,
    parse_dsn,
    set_wait_callback,
)


class UntilReady(Protocol):
    """Wait until a file can be read from, or written to; False when that takes longer."""

    def __call__(self, file: int, *, to_write: bool, seconds: float | None) -> bool: ...


def wait_by(until_ready: UntilReady) -> None:
    """From now on, in this process. The driver's own way holds the thread."""
    set_wait_callback(partial(_wait, until_ready))


def _wait(until_ready: UntilReady, driver: connection) -> None:
    until = _connected_until(driver)
    while (state := driver.poll()) != POLL_OK:
        if state not in {POLL_READ, POLL_WRITE}:
            raise psycopg2.OperationalError(f"the driver does not know what it waits for: {state}")
        left = None if until is None else max(0.0, until - monotonic())
        if not until_ready(driver.fileno(), to_write=state == POLL_WRITE, seconds=left):
            raise psycopg2.OperationalError("timeout expired")


def _connected_until(driver: connection) -> float | None:
    """The driver leaves connect_timeout to who waits for it; statements have limits of the server."""
    if driver.status != STATUS_SETUP:
        return None
    seconds = float(parse_dsn(driver.dsn).get("connect_timeout") or 0)
    return monotonic() + seconds if seconds > 0 else None
