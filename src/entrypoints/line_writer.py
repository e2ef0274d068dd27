"""Write lines in a thread of their own, several at a time.

Every write lets other threads have Python's interpreter, and who has written waits for his next turn: when
all threads are busy that takes several times what the write itself does.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from select import PIPE_BUF
from threading import Thread
from typing import Any

GATHER_SECONDS = 0.02
LINES_MAX = 20_000
CLOSING_SECONDS_MAX = 1.0
log = logging.getLogger(__name__)


class LineWriter:
    """Lines are written in order, GATHER_SECONDS after `add` at the latest while somebody takes them.

    When nobody does, those that are too many are left out: no request waits for who reads logs.
    """

    def __init__(self, write: Callable[[bytes], Any], *, lines_max: int = LINES_MAX) -> None:
        self._write = write
        self._lines_max = lines_max
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self._left_out = 0
        self._thread = Thread(target=self._work, name="lines", daemon=True)

    def write_in_thread(self) -> None:
        """From now on, until `close`."""
        self._thread.start()

    def add(self, line: bytes) -> None:
        """Never waits."""
        if self._lines.qsize() < self._lines_max:
            self._lines.put(line)
        else:
            self._left_out += 1

    def close(self) -> None:
        """Write what there is, unless nobody takes it; what comes later is not written."""
        self._lines.put(None)
        self._thread.join(CLOSING_SECONDS_MAX)

    def _work(self) -> None:
        while True:
            line = self._lines.get()
            if line is not None:
                time.sleep(GATHER_SECONDS)
            lines = [line, *(self._lines.get() for _ in range(self._lines.qsize()))]
            for piece in pieces(line for line in lines if line is not None):
                self._write_piece(piece)
            if None in lines:
                return
            self._tell_left_out()

    def _write_piece(self, piece: bytes) -> None:
        try:
            self._write(piece)
        except OSError:
            return  # nobody's payment fails because nobody reads the log

    def _tell_left_out(self) -> None:
        left_out, self._left_out = self._left_out, 0
        if left_out:
            log.warning("lines about requests were left out", extra={"count": left_out})


def pieces(lines: Iterable[bytes], bytes_max: int = PIPE_BUF) -> Iterator[bytes]:
    """Whole lines together, up to what a pipe takes in one piece (POSIX, write): others write to it, too."""
    piece = b""
    for line in lines:
        if piece and len(piece) + len(line) > bytes_max:
            yield piece
            piece = b""
        piece += line
    if piece:
        yield piece
