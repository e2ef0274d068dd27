"""Answers too long to be held in memory: put together in a file, sent from there.

The server cannot break off an answer that has begun: when a body of unknown length fails in the middle,
granian ends it as if it were complete (tried). So nothing is sent before all of it is there: what goes wrong
until then is answered with a problem, and what has begun has a Content-Length.
"""

from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from flask import Response

from entrypoints.http.answers import Headers
from entrypoints.http.fairness import taking_turns

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

IN_MEMORY_BYTES_MAX = 1024 * 1024
PART_BYTES = 64 * 1024


class LongAnswer(Response):
    """200 with these pieces as its body; beyond IN_MEMORY_BYTES_MAX they wait on the disk, in no folder."""

    def __init__(self, pieces: Iterable[bytes], mimetype: str, headers: Headers = ()) -> None:
        with taking_turns():
            self._file = _written(pieces)
        length = str(self._file.tell())
        self._file.seek(0)
        super().__init__(
            status=200,
            headers=[("Content-Type", mimetype), *headers],
        )
        self.headers["Content-Length"] = length

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        start_response(self.status, self.headers.to_wsgi_list())
        if environ["REQUEST_METHOD"] == "HEAD":
            self._file.close()
            return []
        return _sent(self._file)


def _written(pieces: Iterable[bytes]) -> IO[bytes]:
    file = SpooledTemporaryFile(IN_MEMORY_BYTES_MAX)  # noqa: SIM115 - closed when it is sent
    try:
        for part in _in_parts(pieces):
            file.write(part)
    except BaseException:
        file.close()
        raise
    return file


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(PART_BYTES):
            yield part


def _in_parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer parts: each write has its price."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= PART_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)
