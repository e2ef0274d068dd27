"""Only connections of that address, to that port, to which nothing was sent for so long, are ended."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from entrypoints.gate import Gate
from entrypoints.patience import Patience
from entrypoints.silent_connections import end_silent_connections

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how long")


def nobody(*_: object) -> list[bytes]:
    return []


Pair = tuple[socket.socket, socket.socket, int]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A client, the connection that we have to it, our port."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = listening.getsockname()[1]
        client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
        ours = stack.enter_context(listening.accept()[0])
        ours.settimeout(0.05)
        yield client, ours, port


def is_open(ours: socket.socket) -> bool:
    try:
        return ours.recv(1) != b""
    except TimeoutError:
        return True


def test_a_silent_one_is_ended_and_can_still_be_answered(pair: Pair) -> None:
    client, ours, port = pair
    time.sleep(0.2)
    assert end_silent_connections("127.0.0.1", port, 0.1) == 1
    assert not is_open(ours)
    ours.sendall(b"408")
    assert client.recv(10) == b"408"


def test_others_are_left_alone(pair: Pair) -> None:
    _, ours, port = pair
    time.sleep(0.2)
    assert end_silent_connections("127.0.0.2", port, 0.1) == 0
    assert end_silent_connections("127.0.0.1", port + 1, 0.1) == 0
    assert end_silent_connections("127.0.0.1", port, 60) == 0
    ours.sendall(b"x")
    assert end_silent_connections("127.0.0.1", port, 0.1) == 0
    assert is_open(ours)


def test_an_address_whose_request_is_worked_on_for_long_is_left_alone(pair: Pair) -> None:
    _, ours, port = pair
    patience = Patience(nobody, nobody, Gate(inside_max=1), body_seconds_max=0.1, port=port)
    long_ago = time.monotonic() - 60
    time.sleep(0.2)
    patience.waiting[1] = "127.0.0.1", long_ago
    patience.at_work[2] = "127.0.0.1", long_ago
    assert patience.end_overdue() == 0
    assert is_open(ours)
    patience.at_work[2] = "127.0.0.9", long_ago
    assert patience.end_overdue() == 1
    assert not is_open(ours)
