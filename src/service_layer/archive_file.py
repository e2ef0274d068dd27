"""The file of a whole ledger: a header, a line for each row, a last line that vouches for all before it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

from service_layer.audit import OperatorError

FORMAT = "simple-payments-ledger"
VERSION = 1
LINE_BYTES_MAX = 64 * 1024 * 1024
ROW_OF, ROW_IS, ROW_ENDS = b'{"table":"', b'","row":', b"}\n"
END_HAS, END_IS, END_ENDS = b'{"end":{"rows":', b',"sha256":"', b'"}}\n'
DIGEST_BYTES = 64


class ArchiveRefused(OperatorError):
    """The file is none that can be imported, or not as it was written."""


class Target(Protocol):
    """Where bytes are written to."""

    def write(self, data: bytes, /) -> object: ...


class Source(Protocol):
    """Where lines are read from."""

    def readline(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """`schema` is the revision of the tables, `exported_at` the moment that the rows are of (RFC 3339)."""

    schema: str
    exported_at: str


@dataclass(slots=True, kw_only=True)
class ArchiveWriter:
    """Rows come as whole lines, made by `row_line` or the like; nothing is kept but their number."""

    target: Target
    rows: dict[str, int] = field(default_factory=dict)
    _hash: Any = field(default_factory=sha256)
    _table: str = ""

    def begin(self, header: Header) -> None:
        """The first line."""
        self._put(
            _json_line(
                {
                    "format": FORMAT,
                    "version": VERSION,
                    "schema": header.schema,
                    "exported_at": header.exported_at,
                }
            )
        )

    def begin_table(self, name: str) -> None:
        """The lines that follow are its rows."""
        self._table = name
        self.rows[name] = 0

    def write(self, lines: bytes) -> None:
        """One line or several, whole."""
        self.rows[self._table] += lines.count(b"\n")
        self._put(lines)

    def end(self) -> None:
        """The last line: without it the file is not whole."""
        self._put(END_HAS + _json_line(self.rows)[:-1] + END_IS)
        self.target.write(self._hash.hexdigest().encode() + END_ENDS)

    def _put(self, lines: bytes) -> None:
        self._hash.update(lines)
        self.target.write(lines)


class ArchiveReader:
    """Reads a file from its header on; what is not as it was written is refused, at the end at the latest."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._hash = sha256()
        first = self._line()
        self.header = _header(first)
        self._hash.update(first)
        self.counts: dict[str, int] = {}

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Each row's table with its JSON. ArchiveRefused; nothing given before that is to be trusted."""
        while (line := self._line()).startswith(ROW_OF):
            self._hash.update(line)
            table, found, row = line[len(ROW_OF) : -len(ROW_ENDS)].partition(ROW_IS)
            if not found or not line.endswith(ROW_ENDS):
                raise _not_whole() if not line.endswith(b"\n") else _altered()
            name = table.decode("ascii", "replace")
            self.counts[name] = self.counts.get(name, 0) + 1
            yield name, row
        self._check_end(line)

    def _check_end(self, line: bytes) -> None:
        """The last line vouches for its own beginning, too."""
        if not line.endswith(b"\n"):
            raise _not_whole()
        split = len(line) - DIGEST_BYTES - len(END_ENDS)
        vouched, end = line[:split], line[split:]
        self._hash.update(vouched)
        if end != self._hash.hexdigest().encode() + END_ENDS:
            raise _altered()
        counted = _parsed(vouched[len(END_HAS) : -len(END_IS)])
        if any(counted.get(name) != self.counts.get(name, 0) for name in {*counted, *self.counts}):
            raise _altered()
        if self._source.readline(1):
            raise ArchiveRefused("The file goes on after its last line: it was altered.")
        self.counts = counted

    def _line(self) -> bytes:
        line = self._source.readline(LINE_BYTES_MAX)
        if len(line) == LINE_BYTES_MAX:
            raise ArchiveRefused(f"The file has a line of more than {LINE_BYTES_MAX} bytes.")
        return line


def check_archive(source: Source) -> ArchiveReader:
    """Read a file to its end; gives what its header says with how many rows each table has."""
    reader = ArchiveReader(source)
    for _ in reader.rows():
        pass
    return reader


def row_line(table: str, row: dict[str, Any]) -> bytes:
    """The line of one row, as the database makes it too."""
    return ROW_OF + table.encode() + ROW_IS + _json_line(row)[:-1] + ROW_ENDS


def _header(line: bytes) -> Header:
    said = _parsed(line)
    if said.get("format") != FORMAT:
        raise ArchiveRefused("The file is no ndjson export of Simple Payments.")
    if said.get("version") != VERSION:
        raise ArchiveRefused(
            f"The file has version {said.get('version')} of the format; this program reads {VERSION}."
        )
    if not line.endswith(b"\n"):
        raise _not_whole()
    schema, exported_at = said.get("schema"), said.get("exported_at")
    if not isinstance(schema, str) or not isinstance(exported_at, str):
        raise _altered()
    return Header(schema=schema, exported_at=exported_at)


def _parsed(line: bytes) -> dict[str, Any]:
    """The JSON object in a line; an empty one where there is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _json_line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _not_whole() -> ArchiveRefused:
    return ArchiveRefused("The file ends before its last line: it is not whole.")


def _altered() -> ArchiveRefused:
    return ArchiveRefused("The file is not as it was written: its SHA-256 is another one.")
