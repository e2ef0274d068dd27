"""A real server on PostgreSQL, whose output is kept."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from entrypoints.beside import SEALER, WORKER
from tests.entrypoints.test_serve import SOURCES, STOP_SECONDS_MAX, free_port, wait_until_ready

SERVE = "from entrypoints.cli import main; main()"


@dataclass(frozen=True, kw_only=True)
class Served:
    """What was said is in the file `output`."""

    port: int
    pid: int
    output: Path
    statuses: list[int] = field(default_factory=list)

    def workers(self) -> list[psutil.Process]:
        """Those that answer: the server's children without those that work beside it."""
        children = psutil.Process(self.pid).children()
        return [each for each in children if not {SEALER, WORKER} & set(each.cmdline())]

    def get(self, path: str, **headers: str) -> str:
        """Again when the connection was one that the kernel had dealt to a worker that was killed."""
        try:
            return self._send("GET", path, None, headers)
        except ConnectionResetError:
            return self._send("GET", path, None, headers)

    def post(self, path: str, body: Any, **headers: str) -> str:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._send("POST", path, data, {"Content-Type": "application/json", **headers})

    def _send(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> str:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=data,
            method=method,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                self.statuses.append(answer.status)
                text: str = answer.read().decode()
        except urllib.error.HTTPError as error:
            self.statuses.append(error.code)
            text = error.read().decode()
        return text

    def said(self) -> str:
        return self.output.read_text()

    def lines(self) -> list[dict[str, Any]]:
        """What was said as JSON; the notices before the start are plain."""
        return [json.loads(line) for line in self.said().splitlines() if line.startswith("{")]


@contextmanager
def served(output: Path, url: str, *options: str, **environment: str) -> Iterator[Served]:
    """`payments serve` on that database while the block runs."""
    port = free_port()
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, "serve", "--no-auth", "--port", str(port), *options],
            stdout=file,
            stderr=subprocess.STDOUT,
            env={"PYTHONPATH": str(SOURCES), "PATH": os.environ["PATH"], "DATABASE_URL": url}
            | environment,
        )
    try:
        wait_until_ready(port)
        yield Served(port=port, pid=process.pid, output=output)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS_MAX * 2)
        except subprocess.TimeoutExpired:
            process.kill()


def until(question: Any, seconds_max: float = 20) -> None:
    """Wait until it is true."""
    give_up_at = time.monotonic() + seconds_max
    while not question():
        if time.monotonic() > give_up_at:
            raise TimeoutError("this did not become true")
        time.sleep(0.1)
