"""The folders of the embedded PostgreSQL."""

import hashlib
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from adapters.postgres.embedded.error import EmbeddedPostgresError, os_errors_explained
from adapters.postgres.embedded.user import OsUser, user_for

PORT = 5432  # Only the name of the socket's file: nothing listens on TCP.
SUPERUSER = "postgres"
ROLE = "payments"  # Owns the database, migrates it.
SERVICE_ROLE = "payments_service"  # Serves: what it may do, the migrations say.
DATABASE = "payments"

# Linux takes 107 bytes, macOS 103.
SOCKET_PATH_BYTES_MAX = 103
SHORT_SOCKET_PARENT = Path("/tmp")  # noqa: S108 # nosec B108 - a private folder below it, its owner checked

MARKER = "simple-payments.lock"
MARKER_TEXT = "This folder belongs to Simple Payments: its PostgreSQL and the lock of its start.\n"
IGNORED_IN_AN_EMPTY_FOLDER = {"lost+found"}

# pg_ctl puts its paths between double quotes into a shell's command line.
CHARACTERS_REFUSED = '"$`\\\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A data directory that is ours, with the user who owns all in it."""

    folder: Path
    owner: OsUser

    @property
    def marker(self) -> Path:
        return self.folder / MARKER

    @property
    def users(self) -> Path:
        return self.folder / "users.lock"

    @property
    def cluster(self) -> Path:
        return _cluster_of(self.folder)

    @property
    def postmaster_pid(self) -> Path:
        return self.cluster / "postmaster.pid"

    @property
    def socket_lock(self) -> Path:
        return self.sockets / f".s.PGSQL.{PORT}.lock"

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    @property
    def start_log(self) -> Path:
        return self.logs / "start.log"

    @property
    def binaries(self) -> Path:
        return self.folder / "binaries"

    @property
    def sockets(self) -> Path:
        """The folder of the socket; a short one under /tmp where ours has too long a name."""
        inside = self.folder / "socket"
        longest = os.fsencode(inside / f".s.PGSQL.{PORT}")
        # A comma would make two hosts of the folder in a connection string.
        if len(longest) <= SOCKET_PATH_BYTES_MAX and b"," not in longest:
            return inside
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return SHORT_SOCKET_PARENT / f"payments-{name}"


def home_in(data_dir: Path) -> Home:
    """Make or check the data directory: 0700, empty or ours, reachable for its owner."""
    folder = data_dir.absolute().resolve()
    if any(character in str(folder) for character in CHARACTERS_REFUSED):
        raise EmbeddedPostgresError(
            f"the data directory's name {str(folder)!r} has a character of "
            f"{CHARACTERS_REFUSED!r} in it: choose another with PAYMENTS_DATA_DIR."
        )
    home = Home(folder=folder, owner=user_for(folder, _cluster_of(folder)))
    _refuse_foreign(folder)
    _refuse_unreachable(home)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_unreachable(home)
    make_private(folder, home.owner)
    return home


def has_data(data_dir: Path) -> bool:
    """Whether a database was ever made in this data directory; makes nothing."""
    with os_errors_explained(data_dir):
        return _cluster_of(data_dir).exists()


def make_private(folder: Path, owner: OsUser) -> None:
    """Make a 0700 folder of that owner; refuse one that somebody else has put there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner.uid, os.geteuid()):
        raise EmbeddedPostgresError(
            f"{folder} is not a folder of user {owner.name}: remove it, "
            "or choose another data directory with PAYMENTS_DATA_DIR."
        )
    if found.st_uid != owner.uid:
        os.chown(folder, owner.uid, owner.gid, follow_symlinks=False)
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


def remove_short_sockets(home: Home) -> None:
    """Remove the folder of the socket if it is outside the data directory, and ours."""
    folder = home.sockets
    outside = folder.parent == SHORT_SOCKET_PARENT and folder.exists()
    if outside and folder.lstat().st_uid == home.owner.uid:
        shutil.rmtree(folder)


def write_file(path: Path, text: str, owner: OsUser) -> None:
    """Replace a file as a whole, never through a link that somebody left there."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "w") as file:
        if os.geteuid() == 0:
            os.fchown(fd, owner.uid, owner.gid)
        file.write(text)
        file.flush()
        os.fsync(fd)
    fresh.replace(path)


def rename_durably(source: Path, target: Path) -> None:
    """Rename so that a power cut leaves either the old name or the new one."""
    source.rename(target)
    fd = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _cluster_of(folder: Path) -> Path:
    return folder / "cluster"


def _refuse_foreign(folder: Path) -> None:
    if not folder.exists():
        return
    names = {entry.name for entry in folder.iterdir()}
    if MARKER not in names and names - IGNORED_IN_AN_EMPTY_FOLDER:
        raise EmbeddedPostgresError(
            f"{folder} is not empty, and not a data directory of Simple Payments: "
            "choose an empty or new folder with PAYMENTS_DATA_DIR."
        )


def _refuse_unreachable(home: Home) -> None:
    if home.owner.uid == os.geteuid():
        return
    parents = [parent for parent in reversed(home.folder.parents) if parent.exists()]
    closed = home.owner.first_unreachable(parents)
    if closed is not None:
        raise EmbeddedPostgresError(
            f"PostgreSQL runs as user {home.owner.name}, who cannot pass the folder {closed} on "
            f"the way to {home.folder}: choose another data directory with PAYMENTS_DATA_DIR, "
            f"or let that user pass (chmod o+x {closed})."
        )
