"""The bodies of requests, as they come in at an event loop; none is waited for longer than it may take.

TimeoutError comes where the body is read, so that whoever reads it can say so in an answer.
"""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Protocol

from granian.rsgi import HTTPProtocol, ProtocolClosed  # type: ignore[attr-defined]

from entrypoints.gate import Gate

SMALL_BYTES_MAX = 64 * 1024
"""What each connection may have in memory before anybody has looked at its request."""


class Input(Protocol):
    """What WSGI calls an input stream (PEP 3333), as far as it is used here."""

    def read(self, size: int = -1, /) -> bytes: ...


class _Overdue:
    def read(self, _size: int = -1) -> bytes:
        raise TimeoutError


OVERDUE = _Overdue()
"""A body that did not come in time."""


def is_small(environ: dict[str, Any]) -> bool:
    """Whether the body, if there is one, is announced and small."""
    length: str | None = environ.get("CONTENT_LENGTH")
    if length is None:
        return "HTTP_TRANSFER_ENCODING" not in environ
    return length.isdecimal() and len(length) < 10 and int(length) <= SMALL_BYTES_MAX


async def small_body(protocol: HTTPProtocol, seconds_max: float) -> Input:
    """All of it; ProtocolClosed when the client has gone."""
    try:
        async with asyncio.timeout(seconds_max):
            return io.BytesIO(await protocol())
    except TimeoutError:
        return OVERDUE


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
