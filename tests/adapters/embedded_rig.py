"""What the tests of the embedded PostgreSQL share."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import NullPool, create_engine, text

from adapters.postgres.embedded import EmbeddedPostgresError, embedded_postgres

SMALL = {"shared_buffers": "16MB", "max_connections": "20", "min_wal_size": "32MB"}
POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")
SOURCES = Path(__file__).parents[2] / "src"
LIBRARIES = Path(sqlalchemy.__file__).parents[1]
SYSTEM_PYTHON = Path(f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}")

USER_PROCESS = """
import os, signal, sys, time
from pathlib import Path
from adapters.postgres.embedded import EmbeddedPostgresError, embedded_postgres

def use(action):
    with embedded_postgres(Path(sys.argv[2]), settings={settings!r}) as url:
        print(url, flush=True)
        action()

def wait():
    sys.stdin.read()

def deaf_to_interrupts():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print("deaf", flush=True)
    wait()

def fork_child_that_unwinds():
    child = os.fork()
    if child == 0:
        return
    os.waitpid(child, 0)
    print("unwound", flush=True)
    wait()

def fork_child_that_stays():
    child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    print(child, flush=True)

try:
    use(globals()[sys.argv[1]])
except EmbeddedPostgresError as error:
    print("refused:", error)
"""


def query(url: str, statement: str) -> object:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        result = connection.execute(text(statement))
        return result.scalar() if result.returns_rows else None


def postmaster_pid(data_dir: Path) -> int:
    return int((data_dir / "cluster" / "postmaster.pid").read_text().split("\n")[0])


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children]


def until(condition: Callable[[], bool], seconds_max: float = 20) -> None:
    deadline = time.monotonic() + seconds_max
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def user_process(
    data_dir: Path, action: str = "wait", *, os_user: str | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the data directory until its input ends."""
    process = subprocess.Popen(
        [_python_for(os_user), "-c", USER_PROCESS.format(settings=SMALL), action, data_dir],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{SOURCES}:{LIBRARIES}", "PYTHONDONTWRITEBYTECODE": "1"},
        start_new_session=True,
        user=os_user,
        group=pwd.getpwnam(os_user).pw_gid if os_user else None,
    )
    with process:
        try:
            yield process
            process.stdin.close()
            process.wait(timeout=30)
        finally:
            process.kill()


def _python_for(os_user: str | None) -> str:
    """Ours may be below /root, where another user cannot execute it."""
    if os_user is None:
        return sys.executable
    if not SYSTEM_PYTHON.exists():
        pytest.skip(f"no {SYSTEM_PYTHON}, which every user can execute")
    return str(SYSTEM_PYTHON)


def line(process: subprocess.Popen[str]) -> str:
    return process.stdout.readline().strip()


@contextmanager
def passable_folder() -> Iterator[Path]:
    """A folder with a short name that every user may pass, unlike pytest's below a 0700 one."""
    folder = Path(tempfile.mkdtemp(prefix="pay-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for pid_file in folder.glob("**/postmaster.pid"):
            _kill_server_of(pid_file)
        shutil.rmtree(folder)


def _kill_server_of(pid_file: Path) -> None:
    pid = int(pid_file.read_text().split("\n")[0])
    command = Path(f"/proc/{pid}/cmdline")
    if is_alive(pid) and str(pid_file.parent).encode() in command.read_bytes():
        os.kill(pid, signal.SIGQUIT)
        until(lambda: not is_alive(pid))


def refused(data_dir: Path, message: str, **settings: str) -> None:
    with (
        pytest.raises(EmbeddedPostgresError, match=f"(?s){message}"),
        embedded_postgres(data_dir, settings={**SMALL, **settings}),
    ):
        pass
    assert not (data_dir / "cluster/postmaster.pid").exists()
