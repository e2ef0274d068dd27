"""A stop under load: readiness first, then nobody new, then the end; nothing acknowledged is lost."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.concurrency.rig import sql
from tests.entrypoints.test_serve import free_port, serving, wait_until_ready
from tests.servers import Servers
from tests.stage import a_stage, strike

SOURCES = Path(__file__).parents[2] / "src"
CLIENTS = 8
STOP_SECONDS_MAX = 30


@contextmanager
def serving_on(url: str, port: int, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Two workers and a sealing process on a database, as `payments serve` starts them."""
    program = "from entrypoints.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program, "serve", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        env={
            "PYTHONPATH": str(SOURCES),
            "PATH": os.environ["PATH"],
            "DATABASE_URL": url,
            **settings,
        },
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return True
    except urllib.error.HTTPError:
        return False


@dataclass
class Client:
    """Pays on one connection after another, as long as the balancer sends requests here."""

    port: int
    source: str
    destination: str
    sent_while_red: int = 0
    paid: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def pay_on(self, go_elsewhere: threading.Event, red: threading.Event) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        while not go_elsewhere.is_set():
            was_red = red.is_set()
            try:
                self._pay(connection)
            except Exception as error:
                self.failed.append(repr(error))
                return
            self.sent_while_red += was_red
        connection.close()

    def _pay(self, connection: http.client.HTTPConnection) -> None:
        body = {
            "source_wallet_id": self.source,
            "destination_wallet_id": self.destination,
            "amount": 1,
            "currency": "USD",
        }
        key = f"{id(self)}-{len(self.paid)}"
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        connection.request("POST", "/v1/transfers", json.dumps(body), headers)
        answer = connection.getresponse()
        said = json.loads(answer.read())
        if answer.status != 201:
            raise AssertionError(f"{answer.status} {said}")
        self.paid.append(said["id"])


def test_a_stop_under_load_resets_nobody_and_loses_nothing(servers: Servers) -> None:
    url = servers.new_ledger("postgres18")
    stage = a_stage("postgres18", url, migrated=True)
    stage.clock.move(days=-1)
    wallets = [str(stage.a_wallet(100_000)) for _ in range(2)]
    port, red, go_elsewhere = free_port(), threading.Event(), threading.Event()
    with serving_on(url, port, PAYMENTS_UNREADY_SECONDS="3", PAYMENTS_AUTH="false") as process:
        wait_until_ready(port)
        clients = [Client(port, *wallets[:: 1 if i % 2 else -1]) for i in range(CLIENTS)]
        threads = [
            threading.Thread(target=each.pay_on, args=(go_elsewhere, red)) for each in clients
        ]
        for thread in threads:
            thread.start()
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        while is_ready(port):
            time.sleep(0.02)
        red.set()
        time.sleep(1)  # the balancer looks once a second
        go_elsewhere.set()
        for thread in threads:
            thread.join(20)
        assert process.wait(STOP_SECONDS_MAX) == 0
    assert [each.failed for each in clients if each.failed] == []
    assert sum(each.sent_while_red for each in clients) > CLIENTS
    kept = {str(row[0]) for row in sql(url, "SELECT id FROM transaction WHERE type = 'transfer'")}
    assert kept == {id for each in clients for id in each.paid}
    assert stage.findings() == ()
    strike(stage)


def test_a_second_signal_does_not_wait() -> None:
    port = free_port()
    with serving(port, PAYMENTS_UNREADY_SECONDS="60") as process:
        wait_until_ready(port)
        process.send_signal(signal.SIGTERM)
        while is_ready(port):
            time.sleep(0.02)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
