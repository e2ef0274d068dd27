"""Keeps one process running: when it ends, it is started again, later each time that it does not last."""

import logging
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

PAUSE_SECONDS = 1.0
PAUSE_SECONDS_MAX = 60.0
LASTING_SECONDS = 60.0
"""What has lived so long has started well: its end is not the fault of its start."""
END_SECONDS_MAX = 20.0
_starting = Lock()
log = logging.getLogger(__name__)


def keep_forks_apart() -> None:
    """Let nobody in this process fork while a process is started; once.

    A fork would get the pipe on which Popen waits for its child's exec, and leave it open: Popen would wait
    for as long as the fork lives.
    """
    os.register_at_fork(
        before=_starting.acquire,
        after_in_parent=_starting.release,
        after_in_child=_starting.release,
    )


def pause_after(short_lives: int) -> float:
    """How long to wait before the next start, after so many short lives in a row."""
    return min(PAUSE_SECONDS * 2.0 ** min(short_lives, 16), PAUSE_SECONDS_MAX)


@dataclass(slots=True, kw_only=True)
class Keeper:
    """One thread starts the process and waits for its end.

    It is the same one each time, because the kernel tells a process of the end of the thread that started it
    (see parent.py). The process is in a group of its own: who ends the server from a terminal ends only the
    server, which then ends this in order.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    _told: Event = field(default_factory=Event)
    _mutex: Lock = field(default_factory=Lock)
    _process: "subprocess.Popen[bytes] | None" = None
    _thread: Thread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = Thread(target=self._keep, name=f"keeper of {self.name}", daemon=True)

    def start(self) -> None:
        """Returns at once."""
        self._thread.start()

    def tell(self) -> None:
        """To end, without waiting for it."""
        with self._mutex:
            self._told.set()
            process = self._process
        if process is not None:
            process.terminate()

    def stop(self) -> None:
        """Tell it to end, wait for that; it is killed when it does not."""
        self.tell()
        self._thread.join(END_SECONDS_MAX)
        if self._process is not None and self._thread.is_alive():
            self._process.kill()
            self._thread.join()

    def _keep(self) -> None:
        short_lives = 0
        while (process := self._started()) is not None:
            since = time.monotonic()
            code = process.wait()
            if self._told.is_set():
                return
            lasted = time.monotonic() - since >= LASTING_SECONDS
            short_lives = 0 if lasted else short_lives + 1
            pause = pause_after(max(0, short_lives - 1))
            log.warning(
                "%s has ended (%s): starting it again in %g s", self.name, _why(code), pause
            )
            self._told.wait(pause)

    def _started(self) -> "subprocess.Popen[bytes] | None":
        """Nobody who stops this misses a process that is being started."""
        with self._mutex, _starting:
            if self._told.is_set():
                return None
            self._process = subprocess.Popen(
                self.command, env=dict(self.environment), process_group=0
            )
            return self._process


def _why(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
