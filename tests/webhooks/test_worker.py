"""The worker: what happened is sent, whatever becomes of workers; a dead endpoint delays nobody."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.system import utc_now
from entrypoints.worker import Worker, make_worker
from service_layer import delivery_queue
from tests.builders import open_account
from tests.concurrency.rig import sql, until
from tests.entrypoints.test_seal_loop import post
from tests.entrypoints.test_serve import COMMAND, free_port, wait_until_ready
from tests.stage import Stage
from tests.webhooks.builders import create_endpoint
from tests.webhooks.receiver import Received, Receiver, a_receiver

SOURCES = Path(__file__).parents[2] / "src"
PROGRAM = [sys.executable, "-c", "from entrypoints.cli import main; main()"]
END_SECONDS_MAX = 20


@pytest.fixture
def real_time(stage: Stage) -> Stage:
    """A stage on which time passes, and webhooks may go to loopback."""
    stage.container.clock.override(utc_now)
    settings = stage.container.settings()
    stage.container.settings.override(
        settings.model_copy(update={"webhook_allow_private": True, "event_seconds": 0.05})
    )
    return stage


def an_endpoint(stage: Stage, receiver: Receiver, path: str, *types: str) -> None:
    command = create_endpoint(
        *(types or ("account.opened",)), url=receiver.url + path, allow_private=True
    )
    outcome = stage.execute(command)
    assert outcome.refused is None


@contextmanager
def working(stage: Stage) -> Iterator[Worker]:
    """A worker in this process while the block runs."""
    worker = make_worker(stage.container)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(END_SECONDS_MAX)
        assert not thread.is_alive()
        if stage.url is not None:
            stage.container.working_engine().dispose()


def test_what_happens_arrives_at_each_endpoint_once(real_time: Stage) -> None:
    with a_receiver() as receiver, working(real_time):
        an_endpoint(real_time, receiver, "/one")
        an_endpoint(real_time, receiver, "/two")
        accounts = [open_account() for _ in range(20)]
        real_time.run(*accounts)
        messages = receiver.wait_for(40)
        time.sleep(0.3)
    assert len(receiver.received) == 40
    for path in ("/one", "/two"):
        told = [message.event["resource_id"] for message in messages if message.path == path]
        assert sorted(told) == sorted(str(account.id) for account in accounts)
    assert len({message.id for message in messages}) == 40


def test_an_endpoint_that_never_answers_delays_no_other(real_time: Stage) -> None:
    done = threading.Event()

    def answer(message: Received) -> int:
        if message.path == "/dead":
            done.wait(END_SECONDS_MAX)
        return 204

    with a_receiver(answer) as receiver, working(real_time):
        an_endpoint(real_time, receiver, "/dead")
        an_endpoint(real_time, receiver, "/alive")
        real_time.run(*(open_account() for _ in range(30)))

        def alive() -> list[Received]:
            return [each for each in receiver.received if each.path == "/alive"]

        receiver.wait_until(lambda: len(alive()) == 30)
        dead = [each for each in receiver.received if each.path == "/dead"]
        done.set()
    assert len(dead) <= delivery_queue.AT_ONCE_PER_ENDPOINT


def test_what_is_on_its_way_when_the_worker_is_told_to_stop_is_finished(real_time: Stage) -> None:
    begun, go = threading.Event(), threading.Event()

    def answer(_: Received) -> int:
        begun.set()
        go.wait(END_SECONDS_MAX)
        return 204

    with a_receiver(answer) as receiver:
        with working(real_time) as worker:
            an_endpoint(real_time, receiver, "/")
            real_time.execute(open_account())
            assert begun.wait(END_SECONDS_MAX)
            worker.stop()
            go.set()
        (endpoint,) = real_time.container.webhooks().endpoints(before=None, limit=2)
        (delivery,) = real_time.container.webhooks().deliveries(
            endpoint.id, status=None, before=None, limit=2
        )
    assert (delivery.status, delivery.attempts) == ("delivered", 1)


def test_what_goes_wrong_is_logged_and_the_worker_goes_on(
    memory_stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    worker = make_worker(memory_stage.container)

    class Broken:
        def number_committed(self) -> int:
            raise RuntimeError("a bug")

    worker.sequencer = Broken()
    worker.look()
    assert "looking for events failed" in caplog.text


@contextmanager
def a_worker_process(stage: Stage) -> Iterator[subprocess.Popen[bytes]]:
    """`payments worker` on the books of this stage."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SOURCES),
        "DATABASE_URL": str(stage.url),
        "PAYMENTS_EVENT_SECONDS": "0.05",
        "PAYMENTS_WEBHOOK_ALLOW_PRIVATE": "true",
    }
    with subprocess.Popen([*PROGRAM, "worker"], env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.timeout(240)
def test_a_worker_that_is_killed_loses_nothing(postgres_stage: Stage) -> None:
    """It is killed with deliveries on their way; another takes them over when the leases are over."""
    stage = postgres_stage
    stage.container.clock.override(utc_now)
    hanging, killed = threading.Event(), threading.Event()

    def answer(message: Received) -> int:
        if not killed.is_set():
            hanging.set()
            killed.wait(60)
            return 500
        return 204

    with a_receiver(answer) as receiver:
        an_endpoint(stage, receiver, "/one")
        an_endpoint(stage, receiver, "/two")
        accounts = [open_account() for _ in range(15)]
        stage.run(*accounts)
        with a_worker_process(stage) as first:
            assert hanging.wait(60)
            receiver.wait_for(2 * delivery_queue.AT_ONCE_PER_ENDPOINT)
            first.send_signal(signal.SIGKILL)
            first.wait(END_SECONDS_MAX)
        killed.set()
        before = len(receiver.received)
        shorten_the_leases(stage)
        with a_worker_process(stage) as second:
            until(
                str(stage.url),
                "SELECT count(*) = 30 FROM webhook_delivery WHERE status = 'delivered'",
            )
            second.terminate()
            assert second.wait(END_SECONDS_MAX) == 0
        messages = receiver.received[before:]
    wanted = sorted(str(account.id) for account in accounts)
    for path in ("/one", "/two"):
        told = [message.event["resource_id"] for message in messages if message.path == path]
        assert sorted(told) == wanted


def shorten_the_leases(stage: Stage) -> None:
    """Two minutes are long for a test."""
    changed = sql(
        str(stage.url),
        "UPDATE webhook_delivery SET leased_until = now() + interval '1 second'"
        " WHERE leased_until IS NOT NULL RETURNING attempts",
    )
    assert {row[0] for row in changed} == {1}
    assert len(changed) == 2 * delivery_queue.AT_ONCE_PER_ENDPOINT


@pytest.mark.timeout(180)
def test_several_workers_send_each_event_once(postgres_stage: Stage) -> None:
    stage = postgres_stage
    stage.container.clock.override(utc_now)
    with a_receiver() as receiver:
        an_endpoint(stage, receiver, "/one")
        an_endpoint(stage, receiver, "/two")
        with a_worker_process(stage), a_worker_process(stage):
            for _ in range(10):
                stage.run(*(open_account() for _ in range(10)))
                time.sleep(0.05)
            receiver.wait_until(lambda: len(receiver.received) >= 200)
            time.sleep(0.5)
    assert len(receiver.received) == 200
    for path in ("/one", "/two"):
        numbers = [each.event["number"] for each in receiver.received if each.path == path]
        assert len(set(numbers)) == 100


def test_the_server_has_a_worker_beside_it(postgres_stage: Stage) -> None:
    stage = postgres_stage
    stage.container.clock.override(utc_now)
    port = free_port()
    command = [part for part in COMMAND if part != "--memory"]
    environment: dict[str, Any] = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SOURCES),
        "DATABASE_URL": str(stage.url),
        "PAYMENTS_EVENT_SECONDS": "0.1",
        "PAYMENTS_WEBHOOK_ALLOW_PRIVATE": "true",
    }
    with (
        a_receiver() as receiver,
        subprocess.Popen([*command, "--port", str(port)], env=environment) as server,
    ):
        try:
            wait_until_ready(port)
            an_endpoint(stage, receiver, "/")
            stage.execute(open_account())
            (message,) = receiver.wait_for(1)
            assert message.event["type"] == "account.opened"
        finally:
            server.terminate()
            server.wait(END_SECONDS_MAX)


def test_a_server_in_memory_sends_webhooks_by_itself() -> None:
    port = free_port()
    environment = {
        "PYTHONPATH": str(SOURCES),
        "PAYMENTS_EVENT_SECONDS": "0.1",
        "PAYMENTS_WEBHOOK_ALLOW_PRIVATE": "true",
    }
    with (
        a_receiver() as receiver,
        subprocess.Popen([*COMMAND, "--port", str(port)], env=environment) as server,
    ):
        try:
            wait_until_ready(port)
            endpoint = {"url": receiver.url, "event_types": ["account.opened"]}
            post(port, "/v1/webhook-endpoints", endpoint)
            account = post(port, "/v1/accounts", {"name": "Ada"})
            (message,) = receiver.wait_for(1)
            assert message.event["data"] == account
        finally:
            server.terminate()
            server.wait(END_SECONDS_MAX)
