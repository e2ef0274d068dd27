"""`payments serve` ends when it is told to, at whatever moment, and leaves nobody behind."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

SOURCES = Path(__file__).parents[2] / "src"
COMMAND = [sys.executable, "-c", "from entrypoints.cli import main; main()", "serve", "--memory"]
STOP_SECONDS_MAX = 10


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(port: int) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*COMMAND, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={"PYTHONPATH": str(SOURCES)},
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
                process.kill()


def wait_until_ready(port: int) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz"):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the service did not get ready")


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to_while_its_workers_are_still_loading(
    told: signal.Signals,
) -> None:
    with serving(free_port()) as process:
        for line in process.stdout or ():
            if "Spawning worker" in line:
                break
        process.send_signal(told)
        assert process.wait(STOP_SECONDS_MAX) in (0, 130)


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to_while_it_serves(told: signal.Signals) -> None:
    port = free_port()
    with serving(port) as process:
        wait_until_ready(port)
        process.send_signal(told)
        assert process.wait(STOP_SECONDS_MAX) in (0, 130)


def test_no_worker_outlives_a_parent_that_was_killed() -> None:
    port = free_port()
    with serving(port) as process:
        wait_until_ready(port)
        workers = psutil.Process(process.pid).children()
        process.kill()
        gone, alive = psutil.wait_procs(workers, timeout=STOP_SECONDS_MAX)
        assert (len(gone), alive) == (1, [])
