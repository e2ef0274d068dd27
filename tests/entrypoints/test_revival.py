"""A server on the embedded PostgreSQL starts it again when it was killed; what was answered is there."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from entrypoints import revival
from entrypoints.revival import revived
from service_layer.audit import OperatorError
from tests.adapters.embedded_rig import is_alive, passable_folder
from tests.entrypoints.served import SERVE, Served, until
from tests.entrypoints.test_serve import SOURCES, free_port

SECONDS_MAX = 60


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with passable_folder() as folder:
        yield folder / "data"


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "cluster" / "postmaster.pid").read_text().splitlines()[0])


def is_ready(port: int) -> bool:
    """Making a database takes a while."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return True
    except OSError:
        return False


@contextmanager
def serving_on(data_dir: Path, output: Path) -> Iterator[Served]:
    port = free_port()
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, "serve", "--no-auth", "--port", str(port)],
            stdout=file,
            stderr=subprocess.STDOUT,
            env={
                "PYTHONPATH": str(SOURCES),
                "PATH": os.environ["PATH"],
                "PAYMENTS_DATA_DIR": str(data_dir),
                "PAYMENTS_WORKERS": "1",
                "PAYMENTS_UNREADY_SECONDS": "0",
            },
        )
    try:
        until(lambda: is_ready(port), SECONDS_MAX)
        yield Served(port=port, pid=process.pid, output=output)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS_MAX)


@pytest.mark.timeout(180)
def test_a_killed_database_is_back_with_all_that_was_answered(
    data_dir: Path, tmp_path: Path
) -> None:
    with serving_on(data_dir, tmp_path / "out") as service:
        opened = json.loads(service.post("/v1/accounts", {"name": "Ada"}))
        killed = postmaster(data_dir)
        os.kill(killed, signal.SIGKILL)
        until(lambda: "is back" in service.said(), SECONDS_MAX)
        until(lambda: is_ready(service.port), SECONDS_MAX)
        assert json.loads(service.get(f"/v1/accounts/{opened['id']}"))["name"] == "Ada"
        second = postmaster(data_dir)
        assert second != killed
    # The one that was started in between ends with the server as well.
    assert not is_alive(second)


def test_one_that_cannot_be_started_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr(revival, "LOOK_SECONDS", 0.01)
    tries = []

    @contextmanager
    def join() -> Iterator[str]:
        tries.append(1)
        raise OperatorError("the disk is full")
        yield ""

    with revived(f"postgresql:///x?host={tmp_path}&port=5432", join):
        until(lambda: len(tries) > 2)
    assert "cannot be started: the disk is full" in caplog.text
