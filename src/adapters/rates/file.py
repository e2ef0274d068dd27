"""Rates from a file, which is read again when it changes."""

import logging
from pathlib import Path
from threading import Lock

from adapters.rates.table import BadRates, read_table
from service_layer.audit import OperatorError

BYTES_MAX = 4 * 1024 * 1024
Stamp = tuple[int, int, int]

log = logging.getLogger(__name__)


class FileRates:
    """OperatorError when the file is not good at the start; later the last good one stays in force."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._stamp = self._seen()
        try:
            self._table = read_table(self._text())
        except (OSError, UnicodeDecodeError, BadRates) as error:
            raise OperatorError(f"The rates file {path} cannot be used. {error}") from error

    def rate(self, source: str, destination: str) -> str | None:
        stamp = self._seen()
        if stamp != self._stamp:
            self._read_again(stamp)
        return self._table.get((source, destination))

    def _read_again(self, stamp: Stamp | None) -> None:
        """Once for each change: a bad file is complained of once, not with every quote."""
        with self._lock:
            if stamp == self._stamp:
                return
            self._stamp = stamp
            try:
                self._table = read_table(self._text())
            except (OSError, UnicodeDecodeError, BadRates) as error:
                log.error(
                    "The rates file %s stays unread, its last good rates apply. %s",
                    self._path,
                    error,
                )
            else:
                log.info("%d rates were read from %s", len(self._table), self._path)

    def _seen(self) -> Stamp | None:
        """What changes when the file does; None when it cannot be seen."""
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _text(self) -> str:
        with self._path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
        if len(content) > BYTES_MAX:
            raise BadRates(f"It has more than {BYTES_MAX} bytes.")
        return content.decode()
