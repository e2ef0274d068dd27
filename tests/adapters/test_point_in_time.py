"""A base backup with the WAL since brings the books back to a point in time, and they add up."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.postgres.embedded import embedded_postgres, service_url
from adapters.postgres.embedded.files import home_in
from tests.adapters.embedded_rig import passable_folder
from tests.concurrency.rig import as_superuser, sql
from tests.docs.pages import blocks_of
from tests.servers import BIN_DIRS, OLDEST_IS_REQUIRED
from tests.stage import Stage, a_stage, strike

SMALL = {"shared_buffers": "16MB", "max_connections": "20", "min_wal_size": "32MB"}
ARCHIVED_SECONDS_MAX = 30
PAGE = Path(__file__).parents[2] / "docs" / "backup.md"
ARCHIVING, RECOVERY = blocks_of(PAGE, "ini")
_, TAKING = blocks_of(PAGE, "sh")
SETTING = re.compile(r"^(\w+) = (?:'(.*)'|(\w+)) *(?:#.*)?$", re.MULTILINE)


@pytest.fixture(params=["postgres18", "postgres15"])
def bin_dir(request: pytest.FixtureRequest) -> Path:
    found = BIN_DIRS[request.param]
    if not found.is_dir() and not OLDEST_IS_REQUIRED:
        pytest.skip(f"{request.param} is not installed")
    return found


@pytest.fixture
def folder() -> Iterator[Path]:
    with passable_folder() as made:
        yield made


def settings_of(block: str, archive: Path) -> dict[str, str]:
    """What the page says, for this archive."""
    found = SETTING.findall(block.replace("/backup/wal", str(archive)))
    assert len(found) == len(block.splitlines())
    return {name: quoted or plain for name, quoted, plain in found}


@contextmanager
def archiving(data_dir: Path, bin_dir: Path, archive: Path) -> Iterator[str]:
    """A server that copies each finished WAL segment away, as docs/backup.md sets it up."""
    owner = home_in(data_dir).owner
    archive.mkdir(exist_ok=True)
    os.chown(archive, owner.uid, owner.gid)
    settings = {
        **SMALL,
        **settings_of(ARCHIVING, archive),
    }
    with embedded_postgres(data_dir, bin_dir=bin_dir, settings=settings) as url:
        yield url


def base_backup(data_dir: Path, bin_dir: Path, to: Path) -> None:
    home = home_in(data_dir)
    os.chown(to.parent, home.owner.uid, home.owner.gid)
    command = TAKING.replace("/backup/base", str(to))
    variables = f"TOOLS={bin_dir} PAYMENTS_DATA_DIR={data_dir}"
    status, output = home.owner.run("/bin/sh", "-c", f"{variables}; {command}")
    assert status == 0, output


def archive_everything(url: str, archive: Path) -> None:
    """Wait until the segment that is being written has been copied, too."""
    superuser = as_superuser(url)
    ((segment,),) = sql(superuser, "SELECT pg_walfile_name(pg_current_wal_lsn())")
    sql(superuser, "SELECT pg_switch_wal()")
    give_up_at = time.monotonic() + ARCHIVED_SECONDS_MAX
    while not (archive / str(segment)).exists():
        assert time.monotonic() < give_up_at, "the WAL was not archived in time"
        time.sleep(0.1)


def restore(backup: Path, archive: Path, data_dir: Path, target: str) -> None:
    """The steps of docs/backup.md: the backup becomes the cluster of a new data directory."""
    home = home_in(data_dir)
    home.marker.touch()
    shutil.move(backup, home.cluster)
    os.chmod(home.cluster, 0o700)
    with (home.cluster / "postgresql.auto.conf").open("a") as settings:
        for name, value in settings_of(RECOVERY, archive).items():
            said = target if name == "recovery_target_time" else value
            settings.write(f"{name} = '{said}'\n")
    (home.cluster / "recovery.signal").touch()
    for path in (home.marker, home.cluster / "recovery.signal"):
        os.chown(path, home.owner.uid, home.owner.gid)


def pay(stage: Stage, times: int) -> None:
    for _ in range(times):
        stage.a_wallet(100)


def transactions(url: str) -> set[tuple[object, ...]]:
    return set(sql(url, "SELECT id FROM transaction"))


def test_the_books_come_back_as_they_were_at_a_point_in_time(folder: Path, bin_dir: Path) -> None:
    archive, backup = folder / "archive", folder / "backup"
    with archiving(folder / "data", bin_dir, archive) as url:
        stage = a_stage("postgres", url)
        pay(stage, 3)
        assert sum(1 for _ in stage.container.sealer().seal_all()) == 1
        base_backup(folder / "data", bin_dir, backup)
        pay(stage, 4)
        kept = transactions(url)
        time.sleep(0.01)
        ((target,),) = sql(url, "SELECT clock_timestamp()::text")
        time.sleep(0.01)
        pay(stage, 5)
        assert sum(1 for _ in stage.container.sealer().seal_all()) == 1
        roots = {
            seal.block: seal.root for seal in stage.container.seals().seals(before=None, limit=9)
        }
        archive_everything(url, archive)
        assert len(transactions(url)) == len(kept) + 5
        strike(stage)
    restore(backup, archive, folder / "restored", str(target))
    with embedded_postgres(folder / "restored", bin_dir=bin_dir, settings=SMALL) as url:
        until_promoted(url)
        stage = a_stage("postgres", url)
        assert transactions(url) == kept
        report = stage.container.auditor().verify()
        assert (report.transactions, report.findings) == (len(kept), ())
        (before,) = stage.container.seals().seals(before=None, limit=9)
        assert before.root == roots[1]
        pay(stage, 1)
        assert sum(1 for _ in stage.container.sealer().seal_all()) == 1
        assert stage.findings() == ()
        with sa.create_engine(service_url(url)).connect() as connection:
            assert connection.scalar(sa.text("SELECT current_user")) == "payments_service"
        strike(stage)


def until_promoted(url: str) -> None:
    give_up_at = time.monotonic() + ARCHIVED_SECONDS_MAX
    while sql(url, "SELECT pg_is_in_recovery()") == [(True,)]:
        assert time.monotonic() < give_up_at, "the server was not promoted in time"
        time.sleep(0.1)
