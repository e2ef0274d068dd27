"""Rows of an archive as COPY takes them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from service_layer.archive_file import ArchiveRefused

ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})


class CopySource:
    """A file that the driver reads; it has no more in memory than one piece."""

    def __init__(self, rows: Iterable[bytes], columns: Sequence[str]) -> None:
        self._lines = _lines(rows, columns)
        self._kept = b""
        self.failed: Exception | None = None
        """What ended the reading: the driver itself would only say that something did."""

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        try:
            return self._read(size)
        except Exception as error:
            self.failed = error
            raise

    def _read(self, size: int) -> bytes:
        pieces, length = [self._kept], len(self._kept)
        while length < size and (line := next(self._lines, b"")):
            pieces.append(line)
            length += len(line)
        whole = b"".join(pieces)
        self._kept = whole[size:]
        return whole[:size]


def _lines(rows: Iterable[bytes], columns: Sequence[str]) -> Iterator[bytes]:
    """A line for each row, with its values in the order of the columns."""
    for row in rows:
        values = parsed(row)
        if values.keys() != set(columns):
            raise ArchiveRefused("A row of the file has other columns than its table.")
        yield ("\t".join([_text(values[name]) for name in columns]) + "\n").encode()


def parsed(row: bytes) -> dict[str, Any]:
    """The values of a row by the names of their columns."""
    try:
        values = orjson.loads(row)
    except orjson.JSONDecodeError as error:
        raise ArchiveRefused("A row of the file is no JSON.") from error
    if not isinstance(values, dict):
        raise ArchiveRefused("A row of the file is no JSON object.")
    return values


def _text(value: object) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return value.translate(ESCAPES)
    if isinstance(value, int):
        return str(value)  # true and false, too
    raise ArchiveRefused("A row of the file has a value that is neither text nor a whole number.")
