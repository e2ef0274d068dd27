"""Lets several workers be seen as one service: each writes into files of its own in a common folder.

The files are those of prometheus-client's multiprocess mode, which wants to be told of a worker's death
by a server that has a hook for it; ours has none. So each worker holds a lock on a file with its number,
which the kernel lets go however the worker ends.
"""

import fcntl
import os
from pathlib import Path
from typing import IO

from prometheus_client import CollectorRegistry, multiprocess, values

ALIVE = "alive_"
_held: list[IO[str]] = []


def share_through(folder: Path | None) -> None:
    """Let the metrics that this process makes from now on be written into the folder; None: kept to itself.

    prometheus-client decides by an environment variable when it is imported, which a worker that was forked
    has done long ago.
    """
    if folder is None:
        values.ValueClass = values.MutexValue
        return
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    _say_alive(folder)


def collect_shared(folder: Path, registry: CollectorRegistry) -> None:
    """Register what all workers have written."""
    multiprocess.MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]


def forget_the_dead(folder: Path) -> None:
    """Take away the gauges of workers that live no longer; what they have counted stays."""
    for file in folder.glob(f"{ALIVE}*"):
        if not _is_held(file):
            pid = file.name.removeprefix(ALIVE)
            multiprocess.mark_process_dead(pid, path=str(folder))  # type: ignore[no-untyped-call]
            file.unlink(missing_ok=True)


def _say_alive(folder: Path) -> None:
    """Held before it has its name: nobody sees it free while its worker lives."""
    pid = os.getpid()
    beginning = folder / f"new_{pid}"
    file = beginning.open("w")
    fcntl.flock(file, fcntl.LOCK_EX)
    beginning.rename(folder / f"{ALIVE}{pid}")
    _held.append(file)


def _is_held(file: Path) -> bool:
    try:
        with file.open() as probe:
            fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True  # somebody else has just taken it away
    except BlockingIOError:
        return True
    return False
