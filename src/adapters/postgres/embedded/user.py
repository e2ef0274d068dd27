"""The operating system's user that runs the embedded PostgreSQL."""

import os
import pwd
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from adapters.postgres.embedded.error import EmbeddedPostgresError

# Whom root becomes when no data exists yet: PostgreSQL refuses to run as root.
SERVICE_USERS = ("postgres", "nobody")

# PostgreSQL must see neither our secrets nor somebody's PGDATA, PGPORT or PGOPTIONS.
ENVIRONMENT_KEPT = ("PATH", "TZ", "LD_LIBRARY_PATH")

_FIRST_NOT_EXECUTABLE = 'for path; do [ -x "$path" ] || { printf "%s" "$path"; exit 1; }; done'


@dataclass(frozen=True, slots=True, kw_only=True)
class OsUser:
    """A user with a name; commands run as this user, in a session of their own."""

    name: str
    uid: int
    gid: int

    def start(self, *command: str | Path) -> subprocess.Popen[str]:
        """Start a command that no Ctrl-C of our terminal reaches."""
        dropped = os.geteuid() == 0 and self.uid != 0
        kept = {name: os.environ[name] for name in ENVIRONMENT_KEPT if name in os.environ}
        return subprocess.Popen(
            [os.fspath(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",
            env={**kept, "LC_ALL": "C"},
            start_new_session=True,
            umask=0o077,
            user=self.uid if dropped else None,
            group=self.gid if dropped else None,
            extra_groups=[] if dropped else None,
        )

    def run(self, *command: str | Path) -> tuple[int, str]:
        """Run a command to its end: exit status and output."""
        with self.start(*command) as process:
            output, _ = process.communicate()
        return process.returncode, output

    def first_unreachable(self, paths: Iterable[Path]) -> Path | None:
        """The first folder this user cannot pass, or program it cannot execute."""
        status, output = self.run("/bin/sh", "-c", _FIRST_NOT_EXECUTABLE, "sh", *paths)
        return Path(output) if status else None


def user_for(data_dir: Path, cluster: Path) -> OsUser:
    """Who runs the server: whoever owns the data already, else us, else a service user for root."""
    existing = next(filter(os.path.exists, (cluster, data_dir)), None)
    owner_uid = existing.lstat().st_uid if existing else os.geteuid()
    if os.geteuid() == 0:
        return _named(owner_uid) if owner_uid else _service_user()
    if owner_uid != os.geteuid():
        raise EmbeddedPostgresError(
            f"{existing} belongs to user {_name_of(owner_uid)}, we are {_name_of(os.geteuid())}: "
            "run as that user, or choose another folder with PAYMENTS_DATA_DIR."
        )
    return _named(owner_uid)


def _service_user() -> OsUser:
    for name in SERVICE_USERS:
        try:
            return _from_entry(pwd.getpwnam(name))
        except KeyError:
            continue
    raise EmbeddedPostgresError(
        f"PostgreSQL refuses to run as root, and none of the users {', '.join(SERVICE_USERS)} "
        "exists: run as an ordinary user, or give the data directory to one."
    )


def _named(uid: int) -> OsUser:
    try:
        return _from_entry(pwd.getpwuid(uid))
    except KeyError:
        raise EmbeddedPostgresError(
            f"user id {uid} has no name on this machine, which PostgreSQL needs: "
            "add it to /etc/passwd, or run as another user."
        ) from None


def _from_entry(entry: pwd.struct_passwd) -> OsUser:
    return OsUser(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
