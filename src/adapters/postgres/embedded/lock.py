"""A file lock that dies with its process."""

import fcntl
import os
import stat
import threading
import time
from functools import cache
from pathlib import Path

from adapters.postgres.embedded.error import EmbeddedPostgresError
from adapters.postgres.embedded.user import OsUser

POLL_SECONDS = 0.05

_open_locks: set["FileLock"] = set()
_opening = threading.Lock()


class FileLock:
    """A flock: the kernel releases it with the process, however that ends.

    A lock belongs to the open file, which a forked child shares: it would keep its parent's lock
    alive. Children therefore close their copy right after the fork; programs that are executed
    never get it (O_CLOEXEC). A child's close leaves the parent's lock in place.
    """

    def __init__(self, path: Path, *, owner: OsUser, text: str = "") -> None:
        _close_after_fork()
        with _opening:
            self._fd = _open(path, owner=owner, text=text)
            _open_locks.add(self)

    def lock_exclusive(self, timeout_seconds: float) -> None:
        """Wait for the lock; EmbeddedPostgresError when it takes too long."""
        deadline = time.monotonic() + timeout_seconds
        while not self.try_exclusive():
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"another process has been starting or stopping PostgreSQL for "
                    f"{timeout_seconds:.0f} s: look at its log, or end it."
                )
            time.sleep(POLL_SECONDS)

    def lock_shared(self) -> None:
        """Join the others who hold the lock."""
        fcntl.flock(self._fd, fcntl.LOCK_SH)

    def try_exclusive(self) -> bool:
        """Take the lock alone if nobody else has it; a shared lock of ours may be lost."""
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Release the lock."""
        with _opening:
            if self in _open_locks:
                _open_locks.remove(self)
                os.close(self._fd)


def _open(path: Path, *, owner: OsUser, text: str) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    fd = os.open(path, flags, 0o600)
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise EmbeddedPostgresError(f"{path} is not an ordinary file: remove it.")
        if os.geteuid() == 0 and found.st_uid != owner.uid:
            os.fchown(fd, owner.uid, owner.gid)
        if found.st_size == 0:
            os.write(fd, text.encode())
    except BaseException:
        os.close(fd)
        raise
    return fd


@cache
def _close_after_fork() -> None:
    # Forks wait while a lock is being opened, so that none escapes _open_locks.
    os.register_at_fork(
        before=_opening.acquire,
        after_in_parent=_opening.release,
        after_in_child=_forget_in_child,
    )


def _forget_in_child() -> None:
    for lock in _open_locks:
        os.close(lock._fd)
    _open_locks.clear()
    _opening.release()
