"""The bodies of requests, as they come in at an event loop; none is waited for longer than it may take.

TimeoutError comes where the body is read, so that whoever reads it can say so in an answer.
"""

import asyncio
import io
from asyncio import Future
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Protocol, cast

from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope  # type: ignore[attr-defined]

from entrypoints.gate import Gate
from entrypoints.greenlets import InGreenlets

SMALL_BYTES_MAX = 64 * 1024
"""What each connection may have in memory before anybody has looked at its request."""
IN_TIME_SECONDS = 0.1
"""A body that takes longer is waited for outside the gate. If it were left at once, it would stop nobody."""


class Input(Protocol):
    """What WSGI calls an input stream (PEP 3333), as far as it is used here."""

    def read(self, size: int = -1, /) -> bytes: ...


def is_small(scope: Scope) -> bool:
    """Whether the body, if there is one, is announced and small."""
    headers = scope.headers
    length: str | None = headers.get("content-length")
    if "transfer-encoding" in headers:
        return False
    return length is None or (
        length.isdecimal() and len(length) < 10 and int(length) <= SMALL_BYTES_MAX
    )


class SmallBody:
    """Comes while others look at the request's head; whose body is slow is outside the gate meanwhile."""

    def __init__(
        self, protocol: HTTPProtocol, waiting: InGreenlets, gate: Gate, seconds_max: float
    ) -> None:
        # What granian calls a coroutine has the methods of a future; it has begun.
        self._coming = cast("Future[bytes]", protocol())
        self._waiting = waiting
        self._gate = gate
        self._seconds_max = seconds_max
        self._come: Input | None = None
        self._overdue = False

    async def whole(self) -> None:
        """For requests of threads, which are not kept waiting; `read` says when it has not come in time."""
        try:
            async with asyncio.timeout(self._seconds_max):
                self._come = io.BytesIO(await self._coming)
        except TimeoutError:
            self._overdue = True

    def read(self, size: int = -1) -> bytes:
        """So many bytes, less only at the end; all of them for a negative size. For greenlets."""
        if self._come is None:
            self._wait()
            self._come = io.BytesIO(self._result())
        return self._come.read(size)

    def _wait(self) -> None:
        if not self._overdue and not self._has_come(IN_TIME_SECONDS):
            self._gate.leave()
            try:
                self._overdue = not self._has_come(self._seconds_max - IN_TIME_SECONDS)
            finally:
                self._gate.come_back()
        if self._overdue:
            self._coming.cancel()
            raise TimeoutError

    def _has_come(self, seconds_max: float) -> bool:
        return self._coming.done() or self._waiting.until_done(self._coming, seconds_max)

    def _result(self) -> bytes:
        try:
            return self._coming.result()
        except ProtocolClosed:
            return b""  # the client has gone: whatever is answered, nobody reads it


class LargeBody:
    """Read by a thread, piece by piece; that thread's request is outside the gate while it waits."""

    def __init__(
        self,
        protocol: HTTPProtocol,
        loop: asyncio.AbstractEventLoop,
        gate: Gate,
        seconds_max: float,
    ) -> None:
        self._pieces: AsyncIterator[bytes] = aiter(protocol)
        self._loop = loop
        self._gate = gate
        self._until = loop.time() + seconds_max
        self._come = bytearray()

    def read(self, size: int = -1) -> bytes:
        """So many bytes, less only at the end; all of them for a negative size."""
        self._gate.leave()
        try:
            wanted = size if size >= 0 else float("inf")
            asyncio.run_coroutine_threadsafe(self._wait_for(wanted), self._loop).result()
        finally:
            self._gate.come_back()
        taken = bytes(self._come if size < 0 else self._come[:size])
        del self._come[: len(taken)]
        return taken

    async def _wait_for(self, bytes_min: float) -> None:
        # Not `anext` with a default, which cannot be cancelled while granian's future is awaited.
        with suppress(StopAsyncIteration, ProtocolClosed):
            async with asyncio.timeout_at(self._until):
                while len(self._come) < bytes_min:
                    self._come += await anext(self._pieces)
