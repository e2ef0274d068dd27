"""How the driver connects where it does not wait itself: to one host after the other, each in its time."""

import socket
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg2
from psycopg2.extensions import connection

HOST_LISTS = ("host", "hostaddr", "port")


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
