"""From granian's interface (RSGI) to the WSGI application, for one worker.

Short requests are greenlets of the event loop (`greenlets.py`), all others have a thread each. What there is
no room for is refused before anything else is done for it.
"""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope  # type: ignore[attr-defined]

from entrypoints.gate import Gate
from entrypoints.greenlets import InGreenlets
from entrypoints.http.rate_limits import UNLIMITED_PATHS
from entrypoints.request_body import LargeBody, SmallBody, is_small
from entrypoints.request_head import Environ, brief_environ_of, environ_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Result = TypeVar("Result")
Headers = list[tuple[str, str]]

PROBES = frozenset(UNLIMITED_PATHS)
"""Answered however much there is to do: they say whether the service lives, is ready, or is overloaded."""
SHORT_POSTS = frozenset({"/v1/transfers", "/v1/replenishments", "/v1/withdrawals", "/v1/holds"})
SHORT_GETS = ("/v1/wallets/", "/v1/transactions/")
CONNECTIONS_MAX = 512
"""Of one worker, which has a thread for each: who waits for a slow body holds nothing that others need."""


@dataclass(slots=True, kw_only=True)
class Answer:
    """`rest` gives what does not fit into one piece; `close` is called when all is sent, or cannot be."""

    status: int
    headers: Headers
    first: bytes
    rest: Iterator[bytes] | None
    close: Callable[[], object]


class Bridge:
    """`refuse` answers who is not let in by the gate."""

    _loop: AbstractEventLoop

    def __init__(
        self,
        app: "WSGIApplication",
        refuse: "WSGIApplication",
        gate: Gate,
        waiting: InGreenlets,
        *,
        body_seconds_max: float,
        threads_alone: bool = False,
    ) -> None:
        self._ask = partial(_answer_of, app)
        self._refuse = partial(_answer_of, refuse)
        self._gate = gate
        self._waiting = waiting
        self._body_seconds_max = body_seconds_max
        self._threads_alone = threads_alone
        self._threads = ThreadPoolExecutor(CONNECTIONS_MAX, "request")

    def __rsgi_init__(self, loop: AbstractEventLoop) -> None:
        """Called by the thread that runs the loop, before it runs."""
        self._loop = loop
        self._waiting.start(loop)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        with suppress(ProtocolClosed):  # the client has gone, and wants no answer
            if scope.path in PROBES:
                probe = partial(self._ask, environ_of(scope))
                answer = _given(protocol, await self._in_thread(probe))
            elif self._gate.turns_away():
                answer = _given(protocol, self._refuse(brief_environ_of(scope)))
            else:
                answer = await self._work(scope, protocol)
            if answer.rest is not None:
                await self._stream(protocol, answer, answer.rest)

    async def _work(self, scope: Scope, protocol: HTTPProtocol) -> Answer:
        seconds_max = self._body_seconds_max
        small = is_small(scope)
        body: SmallBody | LargeBody | None = None
        if not small:
            body = LargeBody(protocol, self._loop, self._gate, seconds_max)
        elif "content-length" in scope.headers:
            body = SmallBody(protocol, self._waiting, self._gate, seconds_max)
        environ = environ_of(scope)
        if body is not None:
            environ["wsgi.input"] = body
        in_loop = small and is_short(environ) and not self._threads_alone
        if isinstance(body, SmallBody) and not in_loop:
            await body.whole()
        if not self._gate.enter():
            return _given(protocol, self._refuse(environ))
        answer = partial(self._answer, environ, protocol)
        return await (self._waiting.run(answer) if in_loop else self._in_thread(answer))

    def _answer(self, environ: Environ, protocol: HTTPProtocol) -> Answer:
        """Sent by whoever has made it, without another turn of the loop."""
        try:
            answer = self._ask(environ)
        finally:
            self._gate.leave()  # who reads a long answer slowly keeps nobody out
        return _given(protocol, answer)

    async def _stream(self, protocol: HTTPProtocol, answer: Answer, rest: Iterator[bytes]) -> None:
        try:
            stream = protocol.response_stream(answer.status, answer.headers)
            piece: bytes | None = answer.first
            while piece is not None:
                await stream.send_bytes(piece)
                piece = await self._in_thread(partial(next, rest, None))
        finally:
            await self._in_thread(answer.close)

    def _in_thread(self, work: Callable[[], Result]) -> "asyncio.Future[Result]":
        return self._loop.run_in_executor(self._threads, work)


def is_short(environ: Environ) -> bool:
    """Whether the request computes little and waits for nothing but what is shared with others."""
    path: str = environ["PATH_INFO"]
    if environ["REQUEST_METHOD"] == "POST":
        return path in SHORT_POSTS
    return path.startswith(SHORT_GETS) and path.count("/") == 3


def _given(protocol: HTTPProtocol, answer: Answer) -> Answer:
    """The answer, which is sent when it is in one piece."""
    if answer.rest is None:
        protocol.response_bytes(answer.status, answer.headers, answer.first)
    return answer


def _answer_of(app: "WSGIApplication", environ: Environ) -> Answer:
    told: list[Any] = []

    def start(status: str, headers: Headers, _exc_info: Any = None) -> Callable[[bytes], object]:
        told[:] = status, headers
        return _write_nothing

    chunks = app(environ, start)
    close = getattr(chunks, "close", None) or _nothing
    try:
        pieces = iter(chunks)
        first = next(pieces, b"")
        second = next(pieces, None)
    except BaseException:
        close()
        raise
    status, headers = int(told[0][:3]), told[1]
    if second is None:
        close()
        return Answer(status=status, headers=headers, first=first, rest=None, close=_nothing)
    rest = _all(second, pieces)
    return Answer(status=status, headers=headers, first=first, rest=rest, close=close)


def _all(first: bytes, others: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _nothing() -> None:
    pass


def _write_nothing(_piece: bytes) -> None:
    raise RuntimeError("the application may not `write`")
