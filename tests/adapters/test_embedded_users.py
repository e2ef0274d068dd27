"""Processes share the embedded PostgreSQL, whatever kills them or it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from adapters.postgres.embedded import embedded_postgres
from tests.adapters.embedded_rig import (
    SMALL,
    descendants,
    is_alive,
    line,
    passable_folder,
    postmaster_pid,
    query,
    until,
    user_process,
)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with passable_folder() as folder:
        yield folder / "data"


def test_the_last_user_stops_the_server(data_dir: Path) -> None:
    with user_process(data_dir) as other:
        url = line(other)
        with embedded_postgres(data_dir, settings=SMALL) as same_url:
            assert same_url == url
            pid = postmaster_pid(data_dir)
        assert query(url, "SELECT 1") == 1

    assert not is_alive(pid)


def test_two_users_in_one_process_count_as_two(data_dir: Path) -> None:
    with embedded_postgres(data_dir, settings=SMALL) as url:
        with embedded_postgres(data_dir, settings=SMALL):
            pid = postmaster_pid(data_dir)
        assert query(url, "SELECT 1") == 1

    assert not is_alive(pid)


def test_users_that_come_at_once_share_one_server(data_dir: Path) -> None:
    with ExitStack() as stack:
        others = [stack.enter_context(user_process(data_dir)) for _ in range(4)]
        urls = {line(other) for other in others}
        assert len(urls) == 1
        pid = postmaster_pid(data_dir)
        assert query(urls.pop(), "SELECT 1") == 1

    assert not is_alive(pid)


def test_a_server_whose_users_were_killed_is_adopted(data_dir: Path) -> None:
    with user_process(data_dir) as other:
        line(other)
        pid = postmaster_pid(data_dir)
        other.kill()
    assert is_alive(pid)

    with embedded_postgres(data_dir, settings=SMALL) as url:
        assert query(url, "SELECT 1") == 1
        assert postmaster_pid(data_dir) == pid

    assert not is_alive(pid)


def test_a_killed_user_does_not_count(data_dir: Path) -> None:
    with embedded_postgres(data_dir, settings=SMALL):
        pid = postmaster_pid(data_dir)
        with user_process(data_dir) as other:
            line(other)
            other.kill()

    assert not is_alive(pid)


def test_committed_data_survives_a_kill_of_everything(data_dir: Path) -> None:
    with user_process(data_dir) as other:
        query(line(other), "CREATE TABLE kept AS SELECT 42 AS answer")
        _kill_server(data_dir)
        other.kill()

    with embedded_postgres(data_dir, settings=SMALL) as url:
        assert query(url, "SELECT answer FROM kept") == 42


def test_a_killed_server_comes_back_beside_its_users(data_dir: Path) -> None:
    with user_process(data_dir) as other:
        url = line(other)
        os.kill(postmaster_pid(data_dir), signal.SIGKILL)

        with embedded_postgres(data_dir, settings=SMALL):
            pid = postmaster_pid(data_dir)
            assert query(url, "SELECT 1") == 1
        assert is_alive(pid)

    assert not is_alive(pid)


def test_a_pid_file_whose_number_another_process_has_is_no_obstacle(data_dir: Path) -> None:
    stranger = _process_of_the_servers_user(data_dir)
    with stranger:
        pid_file = data_dir / "cluster/postmaster.pid"
        lines = pid_file.read_text().split("\n")
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        lock = data_dir / "socket/.s.PGSQL.5432.lock"
        lock.write_text("\n".join([str(stranger.pid), *lock.read_text().split("\n")[1:]]))

        with embedded_postgres(data_dir, settings=SMALL) as url:
            assert query(url, "SELECT 1") == 1

        assert stranger.poll() is None
        stranger.kill()


def test_an_empty_pid_file_is_no_obstacle(data_dir: Path) -> None:
    with embedded_postgres(data_dir, settings=SMALL):
        pass
    (data_dir / "cluster/postmaster.pid").write_text("")

    with embedded_postgres(data_dir, settings=SMALL) as url:
        assert query(url, "SELECT 1") == 1


def test_a_half_made_cluster_is_made_anew(data_dir: Path) -> None:
    with embedded_postgres(data_dir, settings=SMALL):
        pass
    (data_dir / "cluster").rename(data_dir / "cluster.new.x")
    (data_dir / "cluster.new.x/PG_VERSION").unlink()

    with embedded_postgres(data_dir, settings=SMALL) as url:
        assert query(url, "SELECT 1") == 1
        assert not (data_dir / "cluster.new.x").exists()


@pytest.mark.parametrize("sign", ["cluster.new.*/base", "cluster/postmaster.pid"])
def test_a_user_killed_while_starting_leaves_no_obstacle(data_dir: Path, sign: str) -> None:
    with user_process(data_dir) as other:
        until(lambda: any(data_dir.glob(sign)))
        other.kill()

    with embedded_postgres(data_dir, settings=SMALL) as url:
        pid = postmaster_pid(data_dir)
        assert query(url, "SELECT 1") == 1

    assert not is_alive(pid)


def test_a_start_waits_for_the_last_connections_of_a_killed_server(data_dir: Path) -> None:
    with embedded_postgres(data_dir, settings=SMALL) as url, ThreadPoolExecutor() as threads:
        busy = threads.submit(query, url, "SELECT count(*) FROM generate_series(1, 10000000)")
        active = "SELECT count(*) > 1 FROM pg_stat_activity WHERE state = 'active'"
        until(lambda: query(url, active) is True)
        os.kill(postmaster_pid(data_dir), signal.SIGKILL)

        with embedded_postgres(data_dir, settings=SMALL):
            assert query(url, "SELECT 1") == 1

        wait([busy], timeout=5)
        assert busy.done()


def test_an_interrupt_of_the_terminal_does_not_reach_the_server(data_dir: Path) -> None:
    with user_process(data_dir, "deaf_to_interrupts") as other:
        url = line(other)
        assert line(other) == "deaf"
        pid = postmaster_pid(data_dir)
        os.killpg(other.pid, signal.SIGINT)
        assert query(url, "SELECT 1") == 1
        assert postmaster_pid(data_dir) == pid


def test_an_interrupted_user_stops_the_server(data_dir: Path) -> None:
    with user_process(data_dir) as other:
        line(other)
        pid = postmaster_pid(data_dir)
        os.killpg(other.pid, signal.SIGINT)
        other.wait(timeout=30)

        assert not is_alive(pid)


def test_a_forked_child_that_unwinds_leaves_the_server_running(data_dir: Path) -> None:
    with user_process(data_dir, "fork_child_that_unwinds") as other:
        url = line(other)
        assert line(other) == "unwound"
        assert query(url, "SELECT 1") == 1
        pid = postmaster_pid(data_dir)

    assert not is_alive(pid)


def test_a_forked_child_does_not_keep_the_server_running(data_dir: Path) -> None:
    with user_process(data_dir, "fork_child_that_stays") as other:
        line(other)
        pid = postmaster_pid(data_dir)
        child = int(line(other))
        other.wait(timeout=30)
        try:
            assert not is_alive(pid)
        finally:
            os.kill(child, signal.SIGKILL)


def test_an_open_transaction_does_not_hold_up_the_stop(data_dir: Path) -> None:
    with user_process(data_dir) as other:
        engine = create_engine(line(other), poolclass=NullPool)
        pid = postmaster_pid(data_dir)
        with engine.connect() as connection:
            connection.execute(text("CREATE TABLE unfinished (id int)"))
            other.stdin.close()
            other.wait(timeout=30)
            connection.invalidate()

    assert not is_alive(pid)


def _kill_server(data_dir: Path) -> None:
    """Kill the server with all its backends, as a power cut would."""
    pid = postmaster_pid(data_dir)
    processes = [pid, *descendants(pid)]
    os.kill(pid, signal.SIGSTOP)
    for process in reversed(processes):
        os.kill(process, signal.SIGKILL)
    until(lambda: not any(is_alive(process) for process in processes))


def _process_of_the_servers_user(data_dir: Path) -> subprocess.Popen[bytes]:
    """Kill server and user, leaving their files; then a stranger of the server's user."""
    with user_process(data_dir) as other:
        line(other)
        owner = (data_dir / "cluster").stat()
        _kill_server(data_dir)
        other.kill()
    as_root = os.geteuid() == 0
    return subprocess.Popen(
        ["sleep", "60"],
        user=owner.st_uid if as_root else None,
        group=owner.st_gid if as_root else None,
        extra_groups=[] if as_root else None,
    )
