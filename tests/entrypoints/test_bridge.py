"""Which requests run in the loop; who is not let in; what becomes of heads and long answers."""

import asyncio
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from granian.rsgi import ProtocolClosed

from entrypoints.bridge import PROBES, Bridge, is_short
from entrypoints.gate import Gate
from entrypoints.greenlets import InGreenlets
from entrypoints.request_head import environ_of


class Headers(list[tuple[str, str]]):
    def items(self) -> "Headers":
        return self

    def get(self, name: str) -> str | None:
        return dict(self).get(name)

    def __contains__(self, name: object) -> bool:
        return name in dict(self)


def a_scope(method: str = "GET", path: str = "/v1/accounts", **headers: str) -> Any:
    return SimpleNamespace(
        method=method,
        path=path,
        query_string="",
        client="[::1]:4711",
        server="127.0.0.1:8000",
        scheme="http",
        headers=Headers((name.replace("_", "-"), value) for name, value in headers.items()),
    )


class Sent:
    """granian's side of one request, whose body takes its time, with what was answered."""

    def __init__(
        self, body: bytes | Exception = b"", *, seconds: float = 0, comes_after: float = 0
    ) -> None:
        self.status = 0
        self.pieces: list[bytes] = []
        self.comes_after = comes_after
        self._body = body
        self._seconds = seconds

    def __call__(self) -> "asyncio.Future[bytes]":
        async def come() -> bytes:
            await asyncio.sleep(self._seconds)
            if isinstance(self._body, Exception):
                raise self._body
            return self._body

        return asyncio.ensure_future(come())

    def response_bytes(self, status: int, _headers: Any, body: bytes) -> None:
        self.status, self.pieces = status, [body]

    def response_stream(self, status: int, _headers: Any) -> "Sent":
        self.status = status
        return self

    async def send_bytes(self, piece: bytes) -> None:
        self.pieces.append(piece)


def refuse(_environ: Any, start: Any) -> list[bytes]:
    start("503 Service Unavailable", [])
    return [b"refused"]


def ask(app: Any, scope: Any, gate: Gate) -> Sent:
    async def main() -> Sent:
        bridge, sent = Bridge(app, refuse, gate, InGreenlets(), body_seconds_max=1), Sent()
        bridge.__rsgi_init__(asyncio.get_running_loop())
        await bridge.__rsgi__(scope, sent)
        return sent

    return asyncio.run(main())


def says(*pieces: bytes) -> Any:
    def app(_environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        return list(pieces)

    return app


@pytest.mark.parametrize("path", sorted(PROBES))
def test_probes_are_let_through_a_full_house(path: str) -> None:
    gate = Gate(inside_max=0)
    assert ask(says(b"done"), a_scope(path=path), gate).pieces == [b"done"]
    assert ask(says(b"done"), a_scope(path=f"{path}/"), gate).status == 503
    assert ask(says(b"done"), a_scope(), gate).pieces == [b"refused"]
    assert gate.take_refused() == 2


@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/wallets/x"])
def test_who_fails_has_left(path: str) -> None:
    def fails(*_: object) -> list[bytes]:
        raise ZeroDivisionError

    gate = Gate(inside_max=1)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            ask(fails, a_scope(path=path), gate)
    assert gate.inside == 0


def test_who_reads_the_answer_slowly_has_left() -> None:
    gate = Gate(inside_max=1)
    inside: list[int] = []

    def long(_environ: Any, start: Any) -> Iterator[bytes]:
        start("200 OK", [])
        for number in range(5):
            inside.append(gate.inside)
            yield b"%d" % number

    assert ask(long, a_scope(), gate).pieces == [b"0", b"1", b"2", b"3", b"4"]
    assert (inside[0], inside[-1], gate.inside) == (1, 0, 0)


@pytest.mark.parametrize(
    ("method", "path", "short"),
    [
        ("POST", "/v1/transfers", True),
        ("POST", "/v1/batches", False),
        ("GET", "/v1/wallets/x", True),
        ("HEAD", "/v1/transactions/x", True),
        ("GET", "/v1/wallets/x/statement", False),
        ("GET", "/v1/wallets", False),
        ("GET", "/v1/transfers", False),
    ],
)
def test_only_what_hardly_computes_runs_in_the_loop(method: str, path: str, short: bool) -> None:
    assert is_short(environ_of(a_scope(method, path))) is short


def test_a_head_becomes_an_environ() -> None:
    scope = a_scope(path="/caf\u00e9", content_length="3", x_one="a")
    scope.headers += [("x-one", "b"), ("x_one", "spoofed"), ("content_length", "9")]
    environ = environ_of(scope)
    assert environ["PATH_INFO"] == "/caf\u00c3\u00a9"
    assert (environ["CONTENT_LENGTH"], environ["HTTP_X_ONE"]) == ("3", "a,b")
    assert (environ["REMOTE_ADDR"], environ["SERVER_PORT"]) == ("::1", "8000")


def send_each(gate: Gate, *sent: Sent, path: str = "/v1/transfers") -> None:
    """Each is answered with its body, 408 when that is overdue; each comes at its own time."""

    def echo(environ: Any, start: Any) -> list[bytes]:
        try:
            body = environ["wsgi.input"].read()
        except TimeoutError:
            start("408 Request Timeout", [])
            return []
        start("200 OK", [])
        return [body]

    async def main() -> None:
        bridge = Bridge(echo, refuse, gate, InGreenlets(), body_seconds_max=0.5)
        bridge.__rsgi_init__(asyncio.get_running_loop())

        async def send(each: Sent) -> None:
            await asyncio.sleep(each.comes_after)
            await bridge.__rsgi__(a_scope("POST", path, content_length="4"), each)

        await asyncio.gather(*map(send, sent))

    asyncio.run(main())
    assert gate.inside == 0


def test_a_house_is_full_while_bodies_come_in_time() -> None:
    gate = Gate(inside_max=2)
    sent = [Sent(b"body", seconds=0.01) for _ in range(5)]
    send_each(gate, *sent)
    assert [each.status for each in sent] == [200, 200, 503, 503, 503]
    assert gate.take_refused() == 3


def test_a_slow_body_keeps_nobody_out() -> None:
    slow, early, late = Sent(b"slow", seconds=0.4), Sent(comes_after=0.02), Sent(comes_after=0.2)
    send_each(Gate(inside_max=1), slow, early, late)
    assert (slow.status, early.status, late.status) == (200, 503, 200)
    assert slow.pieces == [b"slow"]


@pytest.mark.parametrize("path", ["/v1/transfers", "/v1/accounts"])
def test_an_overdue_body_is_waited_for_no_longer(path: str) -> None:
    overdue = Sent(b"late", seconds=1.5)
    send_each(Gate(inside_max=1), overdue, path=path)
    assert overdue.status == 408


def test_of_a_client_who_has_gone_no_body_comes() -> None:
    gone = Sent(ProtocolClosed())
    send_each(Gate(inside_max=1), gone)
    assert gone.pieces == [b""]
