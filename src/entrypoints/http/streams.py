"""Answers too long to be held in memory: their parts are sent as they are made."""

import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from flask import Response

from entrypoints.http.answers import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PART_BYTES_MIN = 64 * 1024
log = logging.getLogger(__name__)


class StreamedAnswer(Response):
    """200 with a body of unknown length, whose first part is made at once: if it fails, so does the view.

    When a later part cannot be made, the error goes on to the server, which breaks the connection off:
    whoever reads sees that the end is missing.
    """

    def __init__(self, pieces: Iterator[bytes], mimetype: str, headers: Headers = ()) -> None:
        super().__init__(status=200, headers=[("Content-Type", mimetype), *headers])
        parts = _in_parts(pieces)
        self._first, self._parts = next(parts, b""), parts

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        headers = [each for each in self.headers.to_wsgi_list() if each[0] != "Content-Length"]
        start_response(self.status, headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            return []
        return self._body()

    def _body(self) -> Iterator[bytes]:
        yield self._first
        try:
            yield from self._parts
        except Exception:
            log.exception("an answer broke off")
            raise


def _in_parts(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer parts: each crosses to the server by itself."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= PART_BYTES_MIN:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)
