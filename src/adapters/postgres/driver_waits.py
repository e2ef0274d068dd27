"""How the driver waits for the server: as whoever asks does, who may be no thread.

psycopg2 does so for all connections of a process (its manual: "Support for coroutine libraries").
"""

import socket
from collections.abc import Iterator, Mapping
from functools import partial
from time import monotonic
from typing import Any, Protocol

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

HOST_LISTS = ("host", "hostaddr", "port")


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


def connect_to_any(where: Mapping[str, Any]) -> connection:
    """To the first address that answers in time: libpq's connect_timeout is for each of them.

    libpq goes on to the next one by itself only where it waits itself. Names are looked up by the thread.
    """
    refused: list[psycopg2.OperationalError] = []
    for one in _addresses(where):
        try:
            made: connection = psycopg2.connect(**one)
            return made
        except psycopg2.OperationalError as error:
            refused.append(error)
    raise refused[0]


def _addresses(where: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """One or more hosts, each with all addresses that its name has."""
    for one in _hosts(where):
        found = [] if one.get("hostaddr") else _look_up(str(one.get("host") or ""))
        if len(found) > 1:
            yield from ({**one, "hostaddr": address} for address in found)
        else:
            yield one


def _hosts(where: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    lists = {name: str(where[name]).split(",") for name in HOST_LISTS if where.get(name)}
    count = max(map(len, lists.values()), default=1)
    if len(lists.get("port", [])) == 1:
        lists["port"] *= count
    if any(len(values) != count for values in lists.values()):
        return [where]  # libpq says what is wrong
    return [{**where, **{name: lists[name][each] for name in lists}} for each in range(count)]


def _look_up(host: str) -> list[str]:
    """Its addresses, in the order in which they are to be tried; none for a folder, or a name unknown."""
    if not host or host[0] in "/@":
        return []
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
