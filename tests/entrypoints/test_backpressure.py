"""A server whose money road is held up refuses at once what it has no room for, and loses nothing."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.concurrency.rig import a_stranger, sql, until_somebody_waits_for_a_lock
from tests.entrypoints.served import Served, served, until
from tests.entrypoints.test_metrics import by, values
from tests.stage import Stage

ROOM = 4
AT_ONCE_SECONDS_MAX = 1.0
Answer = tuple[int, dict[str, str], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class House:
    """A server with one worker that lets in `ROOM` requests; two wallets, the first with 1,000 in it."""

    service: Served
    url: str
    source: str
    destination: str

    def ask(
        self, connection: http.client.HTTPConnection, method: str, path: str, key: str = ""
    ) -> Answer:
        body = {"source_wallet_id": self.source, "destination_wallet_id": self.destination}
        text = json.dumps(body | {"amount": 1, "currency": "USD"}) if method == "POST" else None
        headers = {"Content-Type": "application/json", "Idempotency-Key": key} if text else {}
        connection.request(method, path, text, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), json.loads(answer.read())

    def pay(self, key: str) -> Answer:
        with self.connected() as connection:
            return self.ask(connection, "POST", "/v1/transfers", key)

    def connected(self) -> closing[http.client.HTTPConnection]:
        return closing(http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=60))

    def inside(self) -> float:
        return values(self.service.get("/metrics"), "payments_requests_inside")[by()]

    @contextmanager
    def full(self) -> Iterator[list[Future[Answer]]]:
        """While another session holds the wallets, payments wait in every place there is."""
        with a_stranger(self.url) as session, ThreadPoolExecutor(ROOM) as pool:
            session.cursor().execute("SELECT FROM wallet WHERE account_id IS NOT NULL FOR UPDATE")
            accepted = [pool.submit(self.pay, f"accepted-{number}") for number in range(ROOM)]
            until_somebody_waits_for_a_lock(self.url)
            until(lambda: self.inside() == ROOM)
            yield accepted
            session.rollback()


@pytest.fixture
def house(postgres_stage: Stage, tmp_path: Path) -> Iterator[House]:
    assert postgres_stage.url is not None
    limits = {"PAYMENTS_THREADS": str(ROOM), "PAYMENTS_LOCK_SECONDS": "30"}
    with served(tmp_path / "out", postgres_stage.url, "--workers", "1", **limits) as service:
        wallets = [
            json.loads(service.post("/v1/accounts", {"name": name}))["wallets"][0]["id"]
            for name in ("Ada", "Bob")
        ]
        money = {"wallet_id": wallets[0], "amount": 1000, "currency": "USD"}
        service.post("/v1/replenishments", money, Idempotency_Key="money")
        yield House(
            service=service, url=postgres_stage.url, source=wallets[0], destination=wallets[1]
        )


@pytest.mark.slow
def test_a_full_house_refuses_at_once_and_loses_nothing(house: House) -> None:
    with house.full() as accepted, house.connected() as connection:
        # One connection for all: refusals leave it as good as it was.
        for method, path in [("POST", "/v1/transfers"), ("GET", "/v1/accounts")] * 5:
            began = time.monotonic()
            status, headers, problem = house.ask(connection, method, path, "refused")
            assert (status, problem["code"]) == (503, "overloaded")
            assert 1 <= int(headers["retry-after"]) <= 4
            assert headers["x-request-id"] == problem["request_id"]
            assert time.monotonic() - began < AT_ONCE_SECONDS_MAX
        for probe in ("/livez", "/readyz"):
            began = time.monotonic()
            assert house.ask(connection, "GET", probe)[0] == 200
            assert time.monotonic() - began < AT_ONCE_SECONDS_MAX
        assert not any(each.done() for each in accepted)
    assert [each.result()[0] for each in accepted] == [201] * ROOM
    status, headers, _ = house.pay("refused")
    assert (status, headers.get("idempotency-replayed")) == (201, None)
    postings = sql(house.url, "SELECT sum(amount) FROM posting WHERE wallet_id = %s", house.source)
    assert postings == [(1000 - ROOM - 1,)]
    text = house.service.get("/metrics")
    assert values(text, "payments_overload_refusals_total") == {by(): 10}
    assert values(text, "payments_problems_total")[by(code="overloaded")] == 10
    assert values(text, "payments_requests_inside") == {by(): 0}


@pytest.mark.slow
def test_whose_body_is_still_on_its_way_is_refused_without_waiting_for_it(house: House) -> None:
    head = b"POST /v1/transfers HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
    with (
        house.full(),
        socket.create_connection(("127.0.0.1", house.service.port), timeout=10) as client,
    ):
        client.sendall(head + b"x" * 1000)
        answer = b""
        while part := client.recv(4096):  # until the server ends it: the rest is nobody's request
            answer += part
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert answer.count(b"HTTP/1.1") == 1
    assert answer.endswith(b"}")
