"""Under a PostgreSQL that stands still, or is killed, a server lives on, and pays each payment once."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.adapters.embedded_rig import postmaster_pid
from tests.entrypoints.served import SERVE, Served, until
from tests.entrypoints.test_revival import serving_on
from tests.entrypoints.test_serve import SOURCES
from tests.temporary import temporary_folder

CLIENTS = 16
HANGS_SECONDS = 60
LIVES_SECONDS_MAX = 1.0


@dataclass
class Clients:
    """Each pays 1, again and again, and sends what was not answered well again with the same key."""

    port: int
    source: str
    destination: str
    paid: set[str] = field(default_factory=set)
    sent_again: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def pay_on(self, client: int) -> None:
        number = 0
        while not self.stop.is_set():
            key = f"{client}-{number}"
            until(lambda key=key: self._is_paid(key), HANGS_SECONDS)
            self.paid.add(key)
            number += 1

    def _is_paid(self, key: str) -> bool:
        body = {
            "source_wallet_id": self.source,
            "destination_wallet_id": self.destination,
            "amount": 1,
            "currency": "USD",
        }
        try:
            status, answer = post(self.port, "/v1/transfers", body, key)
        except (OSError, http.client.HTTPException):
            status, answer = 0, {}
        if status == 201:
            return True
        assert status in {0, 503}, answer
        self.sent_again += 1
        return False


def post(port: int, path: str, body: Any, key: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def a_wallet(service: Served) -> str:
    account = json.loads(service.post("/v1/accounts", {"name": "Ada"}))
    wallet: str = account["wallets"][0]["id"]
    return wallet


def balance(service: Served, wallet: str) -> int:
    shown: int = json.loads(service.get(f"/v1/wallets/{wallet}"))["balance"]
    return shown


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with temporary_folder() as folder:
        yield folder / "data"


@contextmanager
def under_load(service: Served) -> Iterator[Clients]:
    """Clients pay while the block runs, and until each of them has an answer."""
    source, destination = a_wallet(service), a_wallet(service)
    money = {"wallet_id": source, "amount": 1_000_000, "currency": "USD"}
    assert post(service.port, "/v1/replenishments", money, "money")[0] == 201
    clients = Clients(service.port, source, destination)
    with ThreadPoolExecutor(CLIENTS) as threads:
        paying = [threads.submit(clients.pay_on, number) for number in range(CLIENTS)]
        try:
            until(lambda: len(clients.paid) > 2 * CLIENTS)
            yield clients
        finally:
            clients.stop.set()
        for each in paying:
            each.result(2 * HANGS_SECONDS)


def check_books(service: Served, clients: Clients, data_dir: Path) -> None:
    """Every payment that was answered is there once, and none else."""
    assert balance(service, clients.destination) == len(clients.paid)
    assert balance(service, clients.source) == 1_000_000 - len(clients.paid)
    verify = subprocess.run(
        [sys.executable, "-c", SERVE, "verify"],
        env={
            "PYTHONPATH": str(SOURCES),
            "PATH": os.environ["PATH"],
            "PAYMENTS_DATA_DIR": str(data_dir),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert verify.returncode == 0, verify.stdout + verify.stderr


def processes_of(data_dir: Path) -> list[psutil.Process]:
    server = psutil.Process(postmaster_pid(data_dir))
    return [server, *server.children()]


@pytest.mark.timeout(180)
def test_while_the_database_stands_still_the_server_lives_and_payments_wait(
    data_dir: Path, tmp_path: Path
) -> None:
    with serving_on(data_dir, tmp_path / "out") as service:
        with under_load(service) as clients:
            stopped = processes_of(data_dir)
            for process in stopped:
                process.suspend()
            try:
                time.sleep(0.1)
                before = len(clients.paid)
                longest = longest_answer(service, 2.0)
                assert len(clients.paid) <= before + CLIENTS
            finally:
                for process in stopped:
                    process.resume()
            until(lambda: len(clients.paid) > before + 5 * CLIENTS, HANGS_SECONDS)
        check_books(service, clients, data_dir)
    assert longest < LIVES_SECONDS_MAX


def longest_answer(service: Served, seconds: float) -> float:
    """Of the question whether it lives, asked for so long."""
    longest, until_time = 0.0, time.monotonic() + seconds
    while time.monotonic() < until_time:
        began = time.monotonic()
        service.get("/livez")
        longest = max(longest, time.monotonic() - began)
        time.sleep(0.05)
    assert set(service.statuses[-5:]) == {200}
    return longest


@pytest.mark.timeout(240)
@pytest.mark.parametrize("blow", ["a session is killed", "the server is killed"])
def test_a_database_that_is_killed_under_load_loses_nothing_and_pays_nothing_twice(
    data_dir: Path, tmp_path: Path, blow: str
) -> None:
    """When a session is killed, the server ends all others and recovers by itself."""
    with serving_on(data_dir, tmp_path / "out") as service:
        with under_load(service) as clients:
            for _ in range(2):
                if blow == "the server is killed":
                    os.kill(postmaster_pid(data_dir), signal.SIGKILL)
                else:
                    payments_session(data_dir).kill()
                before = len(clients.paid)
                until(lambda before=before: len(clients.paid) > before + 5 * CLIENTS, HANGS_SECONDS)
        check_books(service, clients, data_dir)


def payments_session(data_dir: Path) -> psutil.Process:
    """Of the role that serves."""
    sessions = [
        each for each in processes_of(data_dir) if "payments_service" in " ".join(each.cmdline())
    ]
    return sessions[0]
