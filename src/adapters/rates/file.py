"""Rates from a file, which is read again when it changes."""

import logging
from pathlib import Path
from threading import Lock

from adapters.rates.static import Table
from adapters.rates.table import BadRates, read_table
from service_layer.audit import OperatorError

BYTES_MAX = 4 * 1024 * 1024
Stamp = tuple[int, int, int]

log = logging.getLogger(__name__)


class FileRates:
    """The last good rates stay in force while the file is not good: payments go on whatever is in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._table: Table = {}
        self._stamp: Stamp | None = None
        self._read(_stamp(path))

    def rate(self, source: str, destination: str) -> str | None:
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            with self._lock:
                if stamp != self._stamp:
                    self._read(stamp)
        return self._table.get((source, destination))

    def _read(self, stamp: Stamp | None) -> None:
        """Once for each change: a bad file is complained of once, not with every quote."""
        self._stamp = stamp
        try:
            self._table = read_file(self._path)
        except OperatorError as error:
            log.error("%s The last good rates apply: %d of them.", error, len(self._table))
        else:
            log.info("%d rates were read from %s", len(self._table), self._path)


def read_file(path: Path) -> Table:
    """The rates of a file; OperatorError when they cannot be used."""
    try:
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
        if len(content) > BYTES_MAX:
            raise BadRates(f"It has more than {BYTES_MAX} bytes.")
        return read_table(content.decode())
    except (OSError, UnicodeDecodeError, BadRates) as error:
        raise OperatorError(f"The rates file {path} cannot be used. {error}") from error


def _stamp(path: Path) -> Stamp | None:
    """What changes when the file does; None when it cannot be seen."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
