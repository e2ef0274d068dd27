"""How the driver waits for the server: as whoever asks does, who may be no thread.

psycopg2 does so for all connections of a process (its manual: "Support for coroutine libraries").
"""

from collections.abc import Mapping
from functools import partial
from time import monotonic
from typing import Any, Protocol

import psycopg2
from psycopg2.extensions import (
    POLL_OK,
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
    """From now on, in this process; None is the driver's own way, which holds the thread."""
    set_wait_callback(partial(_wait, until_ready))


def _wait(until_ready: UntilReady, driver: connection) -> None:
    until = _connected_until(driver)
    while (state := driver.poll()) != POLL_OK:
        left = None if until is None else max(0.0, until - monotonic())
        if not until_ready(driver.fileno(), to_write=state == POLL_WRITE, seconds=left):
            raise psycopg2.OperationalError("timeout expired")


def _connected_until(driver: connection) -> float | None:
    """The driver leaves connect_timeout to whoever waits for it; statements have limits of the server."""
    if driver.status != STATUS_SETUP:
        return None
    seconds = parse_dsn(driver.dsn).get("connect_timeout")
    return None if seconds is None else monotonic() + float(seconds)


def connect_to_any(where: Mapping[str, Any]) -> connection:
    """To the first host that answers in time, of one or more: libpq's connect_timeout is for each of them."""
    hosts, ports = (str(where.get(name, "")).split(",") for name in ("host", "port"))
    if len(hosts) == 1:
        return _connect(where)
    refused: list[psycopg2.OperationalError] = []
    for host, port in zip(hosts, ports * len(hosts) if len(ports) == 1 else ports, strict=True):
        try:
            return _connect({**where, "host": host, "port": port})
        except psycopg2.OperationalError as error:
            refused.append(error)
    raise refused[0]


def _connect(where: Mapping[str, Any]) -> connection:
    made: connection = psycopg2.connect(**where)
    return made
