"""Clients that never finish a request keep nobody else from being served."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.entrypoints.test_serve import SECRET, free_port, serving, wait_until_ready

SLOW_CLIENTS = 200
THREADS = 4
BODY_SECONDS = 3
ANSWER_SECONDS_MAX = 2.0
HEAD = (
    b"POST /v1/accounts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Authorization: Bearer " + SECRET.encode() + b"\r\n"
)
BODY = b'{"name": "Ada"}'
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
HALVES = {
    "half a head": HEAD,
    "half a body": HEAD + b"Content-Length: 1000\r\n\r\n" + BODY[:5],
    "a chunk without an end": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n5\r\n"
    + BODY[:5]
    + b"\r\n",
}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server with one worker that works on four requests at once."""
    port = free_port()
    limits = {"PAYMENTS_THREADS": str(THREADS), "PAYMENTS_BODY_SECONDS": str(BODY_SECONDS)}
    limits["PAYMENTS_LOG_LEVEL"] = "error"  # nobody reads what it says
    with serving(port, **limits):
        wait_until_ready(port)
        yield port


@contextmanager
def slow_clients(
    port: int, half: bytes, count: int = SLOW_CLIENTS
) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        clients = [stack.enter_context(connected(port)) for _ in range(count)]
        for client in clients:
            client.sendall(half)
        time.sleep(0.3)
        yield clients


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=BODY_SECONDS * 5)


def status_of(port: int, request: bytes = WHOLE) -> bytes:
    with connected(port) as client:
        client.sendall(request)
        return client.recv(1000).split(b"\r\n")[0]


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_others_are_served_while_many_never_finish(port: int, half: bytes) -> None:
    with slow_clients(port, half):
        for _ in range(20):
            began = time.monotonic()
            assert status_of(port) == b"HTTP/1.1 201 Created"
            assert time.monotonic() - began < ANSWER_SECONDS_MAX


def test_who_does_not_send_the_body_in_time_is_told_so_and_let_go(port: int) -> None:
    half = HALVES["half a body"]
    with slow_clients(port, half, THREADS) as clients:
        answers = [client.recv(2000) for client in clients]
        assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in answers), set(answers)
        assert all(b'"code":"request-timeout"' in answer for answer in answers)
        assert {client.recv(2000) for client in clients} == {b""}


def test_a_body_that_trickles_gets_no_more_time(port: int) -> None:
    with connected(port) as client:
        client.sendall(HALVES["half a body"])
        began = time.monotonic()
        client.settimeout(0.1)
        answer = b""
        while not answer and time.monotonic() - began < BODY_SECONDS * 3:
            client.sendall(b" ")
            try:
                answer = client.recv(2000)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_body_that_comes_in_parts_in_time_is_welcome(port: int) -> None:
    with connected(port) as client:
        client.sendall(WHOLE[:-8])
        time.sleep(BODY_SECONDS / 3)
        client.sendall(WHOLE[-8:])
        assert client.recv(2000).startswith(b"HTTP/1.1 201 ")
