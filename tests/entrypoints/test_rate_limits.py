"""Who asks too often is told to wait; nothing is done for them, nothing is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from adapters.system import new_secret
from entrypoints.app import create_app
from entrypoints.config import Settings
from entrypoints.http.rate_limits import address
from tests.entrypoints.bank import Bank, a_transfer, assert_problem
from tests.entrypoints.contract import contract_client, document
from tests.redis_server import RedisServer

ADMIN = new_secret()
MINUTE = 60.0
Serve = Callable[..., "Service"]


class Service:
    """The service in memory with these settings, at a time that stands still."""

    def __init__(self, **settings: Any) -> None:
        self.now = 1_000_020.0
        self.noted: list[tuple[str, str]] = []
        chosen = Settings(memory=True, auth=True, admin_key=ADMIN, **settings)
        self.app: Flask = create_app(settings=chosen)
        limits = self.app.extensions["payments"].rate_limits()
        object.__setattr__(limits, "clock", lambda: self.now)
        object.__setattr__(limits, "note", lambda event, kind: self.noted.append((event, kind)))
        self.bank = Bank(contract_client(self.app, ADMIN))

    def client(self, secret: str | None = None, address: str = "192.0.2.1") -> FlaskClient:
        client = contract_client(self.app, secret)
        client.environ_base["REMOTE_ADDR"] = address
        return client


def statuses(client: FlaskClient, path: str, times: int) -> list[int]:
    return [client.get(path).status_code for _ in range(times)]


def test_every_answer_says_how_many_more_there_may_be() -> None:
    service = Service(rate_reads="3/minute", rate_writes="9/minute")
    answers = [service.bank.client.get("/v1/accounts") for _ in range(3)]
    assert [each.headers["RateLimit"] for each in answers] == [
        f'"reads";r={left};t=60' for left in (2, 1, 0)
    ]
    assert answers[0].headers["RateLimit-Policy"] == '"reads";q=3;w=60'
    wrong = service.bank.client.post("/v1/transfers", json={})
    assert wrong.headers["RateLimit"] == '"writes";r=8;t=60'


def test_who_reads_too_often_waits_as_long_as_told() -> None:
    service = Service(rate_reads="3/minute")
    service.now += 20.5
    statuses(service.bank.client, "/v1/accounts", 3)
    refused = service.bank.client.get("/v1/accounts")
    assert_problem(refused, 429, "rate-limited")
    assert refused.headers["Retry-After"] == "40"
    assert refused.headers["RateLimit"] == '"reads";r=0;t=40'
    service.now += 40
    assert service.bank.client.get("/v1/accounts").status_code == 200
    assert service.noted == [("refused", "reads")]


def test_a_refused_payment_is_not_done_and_its_key_stays_unused() -> None:
    service = Service(rate_writes="5/minute")
    bank = service.bank
    one, other = bank.a_wallet(500), bank.a_wallet()  # three writes
    paid = [bank.transfer(one, other, key=key).status_code for key in ("k1", "k2", "k3")]
    assert paid == [201, 201, 429]
    assert bank.balance(other) == 200
    service.now += MINUTE
    again = bank.transfer(one, other, key="k3")
    assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (201, None)
    assert bank.balance(other) == 300


def test_replays_and_dry_runs_count_too() -> None:
    service = Service(rate_writes="6/minute")
    bank = service.bank
    one, other = bank.a_wallet(500), bank.a_wallet()
    answers = [
        bank.transfer(one, other, key="k"),
        bank.transfer(one, other, key="k"),
        bank.transfer(one, other, dry_run=True),
        bank.transfer(one, other, key="k"),
    ]
    assert [each.status_code for each in answers] == [201, 201, 200, 429]


def test_reading_takes_nothing_from_writing() -> None:
    service = Service(rate_reads="2/minute", rate_writes="2/minute")
    assert statuses(service.bank.client, "/v1/accounts", 3) == [200, 200, 429]
    assert service.bank.post("/v1/accounts", {"name": "Ada"}).status_code == 201


def test_each_key_is_counted_alone_wherever_it_comes_from() -> None:
    service = Service(rate_reads="2/minute")
    other = service.bank.an_api_key("app", "accounts:read")["secret"]
    for where in ("192.0.2.1", "192.0.2.2"):
        service.client(ADMIN, where).get("/v1/accounts")
    assert service.client(ADMIN, "192.0.2.3").get("/v1/accounts").status_code == 429
    assert service.client(other, "192.0.2.3").get("/v1/accounts").status_code == 200


def test_the_rate_is_looked_at_after_the_key_and_before_the_body() -> None:
    service = Service(rate_writes="1/minute")
    service.bank.client.post("/v1/transfers", data=b"{")
    assert service.bank.client.post("/v1/transfers", data=b"{").status_code == 429
    assert service.client().post("/v1/transfers", data=b"{").status_code == 401


def a_batch(one: str, other: str, size: int) -> dict[str, Any]:
    operations = [
        {"type": "transfer", "idempotency_key": f"{size}-{number}", **a_transfer(one, other)}
        for number in range(size)
    ]
    return {"mode": "independent", "operations": operations}


def test_a_batch_counts_as_its_operations() -> None:
    service = Service(rate_writes="10/minute")
    bank = service.bank
    one, other = bank.a_wallet(5000), bank.a_wallet()  # three of ten
    answered = bank.post("/v1/batches", a_batch(one, other, 5))
    assert answered.headers["RateLimit"] == '"writes";r=2;t=60'
    assert_problem(bank.post("/v1/batches", a_batch(one, other, 3)), 429, "rate-limited")
    assert bank.balance(other) == 500
    # It was refused, so that it took no more than its own request.
    assert bank.transfer(one, other).status_code == 201


def test_a_batch_that_is_larger_than_a_window_passes_alone() -> None:
    service = Service(rate_writes="10/minute")
    bank = service.bank
    one, other = bank.a_wallet(5000), bank.a_wallet()
    assert bank.post("/v1/batches", a_batch(one, other, 20)).status_code == 429
    service.now += MINUTE
    assert bank.post("/v1/batches", a_batch(one, other, 20)).status_code == 200
    assert bank.transfer(one, other).status_code == 429


WRONG = {"none": {}, "malformed": {"Authorization": "Basic x"}}


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG.keys())
def test_failed_authentications_count_on_their_address(headers: dict[str, str]) -> None:
    service = Service(rate_failures="3/minute")
    answers = [service.client().get("/v1/accounts", headers=headers) for _ in range(4)]
    assert [each.status_code for each in answers] == [401, 401, 401, 429]
    assert answers[-1].headers["Retry-After"] == "60"
    elsewhere = service.client(address="192.0.2.2").get("/v1/accounts", headers=headers)
    assert elsewhere.status_code == 401


def test_past_the_limit_no_key_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(rate_failures="3/minute")
    authenticator = service.app.extensions["payments"].authenticator()
    asked: list[str] = []
    real = authenticator.queries.api_key_of
    monkeypatch.setattr(
        authenticator.queries, "api_key_of", lambda prefix: asked.append(prefix) or real(prefix)
    )
    guesses = [service.client(new_secret()).get("/v1/accounts").status_code for _ in range(20)]
    assert guesses == [401] * 3 + [429] * 17
    assert len(asked) == 3


def test_a_guesser_does_not_shut_out_who_shares_the_address_and_is_known() -> None:
    service = Service(rate_failures="3/minute")
    known, unknown = service.client(ADMIN), service.client()
    assert known.get("/v1/accounts").status_code == 200
    statuses(unknown, "/v1/accounts", 5)
    assert unknown.get("/v1/accounts").status_code == 429
    assert known.get("/v1/accounts").status_code == 200


def test_a_known_key_that_is_revoked_is_a_failure_like_others() -> None:
    service = Service(rate_failures="2/minute")
    key = service.bank.an_api_key("app", "accounts:read")
    client = service.client(key["secret"])
    assert client.get("/v1/accounts").status_code == 200
    service.bank.post(f"/v1/api-keys/{key['id']}/revoke", {})
    assert statuses(client, "/v1/accounts", 3) == [401, 401, 429]


def test_addresses_of_one_network_of_ipv6_count_together() -> None:
    service = Service(rate_failures="2/minute")
    wheres = ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:9::", "2001:db8:0:1::1"]
    answers = [service.client(address=each).get("/v1/accounts").status_code for each in wheres]
    assert answers == [401, 401, 429, 401]


@pytest.mark.parametrize(
    ("remote", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("what?", "unknown"),
    ],
)
def test_an_address_is_counted_as_who_can_have_it(remote: str, counted: str) -> None:
    app = Flask("any")
    with app.test_request_context(environ_base={"REMOTE_ADDR": remote}):
        assert address() == counted


def test_pages_are_counted_on_addresses_but_probes_are_not() -> None:
    service = Service(rate_pages="2/minute")
    client = service.client()
    assert statuses(client, "/docs", 3) == [200, 200, 429]
    assert statuses(client, "/problems", 1) == [429]
    assert statuses(client, "/livez", 9) == [200] * 9
    assert statuses(client, "/readyz", 9) == [200] * 9
    assert "RateLimit" not in client.get("/livez").headers


def test_the_document_says_so_of_every_operation_that_needs_a_key() -> None:
    paths = document().document["paths"]
    every = [each for path in paths.values() for each in path.values() if isinstance(each, dict)]
    described = [each for each in every if each.get("security")]
    assert len(described) > 30
    for operation in described:
        refused = operation["responses"]["429"]
        assert {"Retry-After", "RateLimit", "RateLimit-Policy"} <= set(refused["headers"])
        assert set(refused["content"]["application/problem+json"]["examples"]) == {"rate-limited"}
        assert all("RateLimit" in each["headers"] for each in operation["responses"].values())


def test_a_rate_of_0_is_none() -> None:
    service = Service(rate_reads="0", rate_writes="0", rate_failures="0", rate_pages="0")
    assert "RateLimit" not in service.bank.client.get("/v1/accounts").headers
    assert set(statuses(service.client(), "/v1/accounts", 100)) == {401}
    assert set(statuses(service.client(), "/docs", 20)) == {200}


def with_redis(server: RedisServer, **settings: Any) -> Service:
    return Service(REDIS_URL=server.url, **settings)


def test_processes_with_redis_count_together(redis_of_test: RedisServer) -> None:
    one = with_redis(redis_of_test, rate_failures="3/minute", rate_pages="3/minute")
    other = with_redis(redis_of_test, rate_failures="3/minute", rate_pages="3/minute")
    assert statuses(one.client(), "/v1/accounts", 2) == [401, 401]
    assert statuses(other.client(), "/v1/accounts", 2) == [401, 429]
    assert statuses(one.client(), "/docs", 2) + statuses(other.client(), "/docs", 2) == [
        200, 200, 200, 429,
    ]  # fmt: skip


@pytest.mark.parametrize("fault", ["hang", "kill"])
def test_without_redis_known_keys_pass_but_failures_are_counted(
    redis_of_test: RedisServer, fault: str
) -> None:
    service = with_redis(redis_of_test, rate_reads="2/minute", rate_failures="2/minute")
    assert statuses(service.bank.client, "/v1/accounts", 3) == [200, 200, 429]
    getattr(redis_of_test, fault)()
    answers = [service.bank.client.get("/v1/accounts") for _ in range(5)]
    assert [each.status_code for each in answers] == [200] * 5
    assert all("RateLimit" not in each.headers for each in answers)
    assert service.noted.count(("uncounted", "reads")) == 5
    assert statuses(service.client(), "/v1/accounts", 4) == [401, 401, 429, 429]
