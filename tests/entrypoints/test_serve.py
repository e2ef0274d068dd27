"""`payments serve` ends when it is told to, at whatever moment; it leaves nobody behind or unanswered."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from adapters.system import new_secret
from domain.api_key import looks_random

SOURCES = Path(__file__).parents[2] / "src"
COMMAND = [sys.executable, "-c", "from entrypoints.cli import main; main()", "serve", "--memory"]
STOP_SECONDS_MAX = 10
REQUESTS_IN_FLIGHT = 8
SECRET = new_secret()
BODY = b'{"name": "Ada"}'
HEAD = (
    b"POST /v1/accounts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\nAuthorization: Bearer %s\r\n\r\n" % (len(BODY), SECRET.encode())
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(port: int, *options: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*COMMAND, "--port", str(port), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A wrong variable does no harm where an option has overruled it, in the workers neither.
        env={
            "PYTHONPATH": str(SOURCES),
            "PAYMENTS_PORT": "0",
            "PAYMENTS_ADMIN_KEY": SECRET,
            "PAYMENTS_UNREADY_SECONDS": "0",
            **environment,
        },
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
                process.kill()


def wait_until_ready(port: int) -> None:
    for _ in range(600):
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


def test_a_name_may_be_given_for_the_address_without_a_word_about_threads() -> None:
    port = free_port()
    with serving(port, "--host", "localhost") as process:
        wait_until_ready(port)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=STOP_SECONDS_MAX)
    assert f"Serving on http://127.0.0.1:{port} " in said
    assert "threads" not in said


def test_what_is_in_flight_is_answered_before_it_ends() -> None:
    """Each request is half sent when the signal comes."""
    port = free_port()
    with serving(port) as process:
        wait_until_ready(port)
        sending = [half_a_request(port) for _ in range(REQUESTS_IN_FLIGHT)]
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        answers = [the_answer_to_the_rest(connection) for connection in sending]
        assert process.wait(STOP_SECONDS_MAX) == 0
    assert answers == [b"HTTP/1.1 201 Created"] * REQUESTS_IN_FLIGHT


def half_a_request(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=STOP_SECONDS_MAX)
    connection.sendall(HEAD + BODY[:5])
    return connection


def the_answer_to_the_rest(connection: socket.socket) -> bytes:
    with connection, connection.makefile("rb") as answer:
        connection.sendall(BODY[5:])
        return answer.readline().strip()


def test_the_first_key_is_shown_before_it_serves() -> None:
    port = free_port()
    with serving(port, PAYMENTS_ADMIN_KEY="") as process:
        wait_until_ready(port)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=STOP_SECONDS_MAX)
    (shown,) = re.findall(r"pay_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", said)
    assert said.index(shown) < said.index("Serving on")
    assert looks_random(shown)


def test_a_key_that_was_given_is_not_shown_and_opens() -> None:
    port = free_port()
    with serving(port) as process:
        wait_until_ready(port)
        url = f"http://127.0.0.1:{port}/v1/accounts"
        sent = urllib.request.Request(url, headers={"Authorization": f"Bearer {SECRET}"})
        with urllib.request.urlopen(sent) as answer:  # noqa: S310
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(url)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=STOP_SECONDS_MAX)
    assert SECRET not in said
