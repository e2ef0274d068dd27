"""While `payments serve` runs, what is committed gets sealed; the payments come first."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from typing import Any

import psutil
import pytest

from entrypoints import seal_loop
from entrypoints.seal_loop import Pace, seal_once
from service_layer.audit import OperatorError
from tests.adapters.test_contract_log import pay
from tests.concurrency.rig import until
from tests.entrypoints.test_serve import COMMAND, SOURCES, free_port, wait_until_ready
from tests.stage import Stage

SECONDS_MAX = 20


def get(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return json.load(answer)


def test_it_rests_in_proportion_to_its_work() -> None:
    times = iter([0.0, 2.0, 20.0, 21.0, 30.0])
    slept: list[float] = []
    pace = Pace(rests_per_work=9, clock=lambda: next(times), sleep=slept.append)
    pace.rest()
    pace.rest()
    assert slept == [18.0, 9.0]


@pytest.mark.parametrize("error", [OperatorError("no database"), RuntimeError("a bug")])
def test_what_goes_wrong_is_logged_for_there_is_a_next_time(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def seal_all(self, rest: object) -> list[object]:
            raise error

    seal_once(Broken())  # type: ignore[arg-type]
    assert "sealing" in caplog.text


def test_the_server_seals_in_a_process_that_ends_with_it(postgres_stage: Stage) -> None:
    pay(postgres_stage, 3)
    port = free_port()
    command = [part for part in COMMAND if part != "--memory"]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SOURCES),
        "DATABASE_URL": str(postgres_stage.url),
        "PAYMENTS_SEAL_SECONDS": "1",
        "PAYMENTS_PORT": "0",
    }
    with subprocess.Popen([*command, "--no-auth", "--port", str(port)], env=environment) as server:
        try:
            wait_until_ready(port)
            until(postgres_stage.url or "", "SELECT max(tree_size) = 3 FROM seal")
            (transaction, *_) = get(port, "/v1/transactions")["data"]
            assert get(port, f"/v1/transactions/{transaction['id']}/proof")["tree_size"] == 3
            pay(postgres_stage, 1)
            until(postgres_stage.url or "", "SELECT max(tree_size) = 4 FROM seal")
            children = psutil.Process(server.pid).children(recursive=True)
            (sealer,) = [each for each in children if "entrypoints.seal_loop" in each.cmdline()]
            assert sealer.nice() >= seal_loop.NICENESS
        finally:
            server.kill()
    psutil.wait_procs([sealer], timeout=SECONDS_MAX)
    assert not sealer.is_running()


def test_books_in_memory_are_sealed_by_the_server_itself() -> None:
    port = free_port()
    environment = {"PYTHONPATH": str(SOURCES), "PAYMENTS_SEAL_SECONDS": "1"}
    with subprocess.Popen([*COMMAND, "--no-auth", "--port", str(port)], env=environment) as server:
        try:
            wait_until_ready(port)
            account = post(port, "/v1/accounts", {"name": "Ada"})
            body = {"wallet_id": account["wallets"][0]["id"], "amount": 5, "currency": "USD"}
            made = post(port, "/v1/replenishments", body)
            proof = until_proven(port, made["id"])
            assert (proof["number"], get(port, "/v1/seals")["data"][0]["tree_size"]) == (1, 1)
        finally:
            server.terminate()


def post(port: int, path: str, body: dict[str, Any]) -> Any:
    headers = {"Content-Type": "application/json", "Idempotency-Key": path}
    url = f"http://127.0.0.1:{port}{path}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)


def until_proven(port: int, transaction_id: str) -> Any:
    give_up_at = time.monotonic() + SECONDS_MAX
    while time.monotonic() < give_up_at:
        try:
            return get(port, f"/v1/transactions/{transaction_id}/proof")
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise
            time.sleep(0.2)
    raise TimeoutError("the payment was not sealed")
