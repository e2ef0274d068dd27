"""A web server under load: the service, or the bare view it is compared with."""

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from subprocess import Popen

from benchmarks import hello as hello_view
from benchmarks.key import secret
from benchmarks.processes import children, environment, running

HOST = "127.0.0.1"
READY_SECONDS_MAX = 60
# The service is measured as it is in earnest: every request is counted. One key makes all the load.
RATES = {"PAYMENTS_RATE_READS": "1000000000/minute", "PAYMENTS_RATE_WRITES": "1000000000/minute"}
SERVE = "from entrypoints.cli import main; main()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Answers at `url`; its workers are children of `pid`."""

    url: str
    pid: int

    def workers(self) -> list[int]:
        """The pids of the processes that answer requests."""
        return children(self.pid)


@contextmanager
def payments(database_url: str, log: Path) -> Iterator[Server]:
    """`payments serve` on that database."""
    env = environment(
        DATABASE_URL=database_url,
        PAYMENTS_ADMIN_KEY=secret(),
        **RATES,
        **_address(port := _free_port()),
    )
    with running("-c", SERVE, "serve", log=log, env=env) as process:
        yield _ready(process, port, "/readyz", log)


@contextmanager
def hello(log: Path) -> Iterator[Server]:
    """The bare view, on the same server with the same workers."""
    env = environment(**_address(port := _free_port()))
    with running("-m", "benchmarks.hello", log=log, env=env) as process:
        yield _ready(process, port, hello_view.PATH, log)


def _address(port: int) -> dict[str, str]:
    return {"PAYMENTS_HOST": HOST, "PAYMENTS_PORT": str(port)}


def _free_port() -> int:
    with socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _ready(process: Popen[bytes], port: int, path: str, log: Path) -> Server:
    url = f"http://{HOST}:{port}"
    deadline = time.monotonic() + READY_SECONDS_MAX
    while not _answers(url + path):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server did not start; the end of its log:\n{_tail(log)}")
        time.sleep(0.1)
    return Server(url=url, pid=process.pid)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own URL
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-30:])
