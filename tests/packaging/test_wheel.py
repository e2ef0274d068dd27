"""The built wheel works in a fresh environment, away from the checkout."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 30

pytestmark = pytest.mark.slow


def run(*command: object, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd="/",
        env=env,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files_below(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and ".egg-info" not in str(path)
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built offline, from a copy: building leaves its traces beside the sources."""
    copy, out = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("dist")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for name in ("src", "migrations"):
        ignored = shutil.ignore_patterns("*.egg-info", "__pycache__")
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", out]
    run(sys.executable, "-m", "pip", "wheel", *options, copy)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def payments(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of a fresh environment: our wheel, and the dependencies of this one."""
    venv = tmp_path_factory.mktemp("fresh") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", venv)
    python = venv / "bin" / "python"
    options = ["--no-deps", "--no-index", "--quiet"]
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, wheel)
    # Written last, so that pip saw nothing but the fresh environment. Lines of a .pth file are
    # plain paths: this environment's own editable install of the checkout stays out of it.
    site_packages = sysconfig.get_path("purelib", vars={"base": str(venv)})
    (Path(site_packages) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return venv / "bin" / "payments"


@pytest.fixture(scope="module")
def env() -> Iterator[dict[str, str]]:
    """An environment for an embedded database of its own.

    Not below tmp_path: run as root, PostgreSQL becomes another user, who has to get there, and
    the path of a socket is short.
    """
    with tempfile.TemporaryDirectory(prefix="wheel-") as folder:
        Path(folder).chmod(0o755)
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        yield keep | {"PAYMENTS_DATA_DIR": f"{folder}/data"}


def test_the_wheel_carries_every_file_of_the_packages(wheel: Path) -> None:
    carried = set(zipfile.ZipFile(wheel).namelist())
    assert files_below(ROOT / "src") <= carried


def test_the_wheel_carries_every_migration(wheel: Path) -> None:
    marker = ".data/data/share/payments/migrations/"
    names = zipfile.ZipFile(wheel).namelist()
    carried = {name.split(marker)[1] for name in names if marker in name}
    assert carried == files_below(ROOT / "migrations")


def test_the_packages_come_from_the_wheel_not_from_the_checkout(
    payments: Path, env: dict[str, str]
) -> None:
    where = "import domain; print(domain.__file__)"
    found = run(payments.with_name("python"), "-c", where, env=env)
    assert Path(found).is_relative_to(payments.parents[1])


def test_the_command_explains_itself(payments: Path, env: dict[str, str]) -> None:
    explained = run(payments, "--help", env=env)
    assert "serve" in explained
    assert "migrate" in explained


def test_the_command_migrates_an_embedded_database(payments: Path, env: dict[str, str]) -> None:
    run(payments, "migrate", env=env)
    assert Path(env["PAYMENTS_DATA_DIR"]).is_dir()


def test_the_command_serves_until_it_is_told_to_stop(payments: Path, env: dict[str, str]) -> None:
    port = free_port()
    command = [str(payments), "serve", "--port", str(port)]
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(command, cwd="/", env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            ready = wait_until_ready(server, f"http://127.0.0.1:{port}/readyz")
            server.send_signal(signal.SIGTERM)
            stopped = server.wait(timeout=STOP_TIMEOUT_SECONDS)
        finally:
            server.kill()
            server.wait()
            log.seek(0)
            print(log.read())  # noqa: T201 - pytest shows it when this test fails
    assert ready
    assert stopped == 0


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def wait_until_ready(server: subprocess.Popen[bytes], url: str) -> bool:
    """True at the first 200; False when the server is gone or the time is over."""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own URL
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.1)
    return False
