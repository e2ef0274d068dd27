"""Room for large bodies: so many bytes of them are read or worked on at once by one process."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from domain.errors import Overloaded

BYTES_AT_ONCE_MAX = 64 * 1024 * 1024
# What other requests may have too; as JSON objects a body takes some ten times its bytes.
BYTES_FREE = 64 * 1024


class LargeBodies:
    """What is taken of the room."""

    def __init__(self, bytes_at_once_max: int = BYTES_AT_ONCE_MAX) -> None:
        self._bytes_max = bytes_at_once_max
        self._taken_bytes = 0
        self._lock = Lock()

    @contextmanager
    def room_for(self, environ: dict[str, Any], bytes_max: int) -> Iterator[None]:
        """Room for the body that is announced, before it is read; Overloaded when there is none now."""
        wanted = _announced_bytes(environ, bytes_max)
        with self._lock:
            if self._taken_bytes + wanted > self._bytes_max:
                raise Overloaded("Too many large bodies are on their way; nothing was done.")
            self._taken_bytes += wanted
        try:
            yield
        finally:
            with self._lock:
                self._taken_bytes -= wanted


def _announced_bytes(environ: dict[str, Any], bytes_max: int) -> int:
    """A body without a length may become as long as is allowed."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not length:
        return bytes_max if "HTTP_TRANSFER_ENCODING" in environ else 0
    if not (length.isascii() and length.isdigit()) or len(length) > 18 or int(length) > bytes_max:
        return 0  # it is refused without being read
    return int(length) if int(length) > BYTES_FREE else 0
