"""Lets a process end with the one that has started it."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int | None = None) -> None:
    """Let the kernel end this process when its parent is killed (prctl(2); elsewhere nothing is done).

    A parent whose id is given may have been killed before: then this ends at once.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if parent is not None and os.getppid() != parent:
            signal.raise_signal(signal.SIGTERM)


def parent_told() -> int | None:
    """The parent's id, where it is the first argument."""
    return int(sys.argv[1]) if len(sys.argv) > 1 else None
