"""GET /metrics: what was answered is counted under names of ours, never under the client's words."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as read_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as read_text

from entrypoints.app import create_app
from entrypoints.config import Settings
from entrypoints.http.metrics_access import needs_key
from entrypoints.http.problem_table import BY_CODE
from tests.entrypoints.bank import Bank, assert_problem
from tests.entrypoints.contract import contract_client
from tests.stage import Stage

Labels = frozenset[tuple[str, str]]
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


def values(text: str, name: str) -> dict[Labels, float]:
    """The samples of one name, by their labels."""
    return {
        frozenset(sample.labels.items()): sample.value
        for family in read_text(text)
        for sample in family.samples
        if sample.name == name
    }


def by(**labels: str) -> Labels:
    return frozenset(labels.items())


@pytest.fixture
def plain_client(stage: Stage) -> FlaskClient:
    client: FlaskClient = stage.container.app().test_client()
    return client


def test_answers_are_counted_by_the_template_of_their_route(bank: Bank) -> None:
    wallet = bank.a_wallet(500)
    bank.transfer(wallet, bank.a_wallet())
    bank.transfer(wallet, bank.a_wallet())
    bank.transfer(bank.a_wallet(), wallet)
    bank.get(f"/v1/wallets/{wallet}")
    text = bank.client.get("/metrics").text
    requests = values(text, "payments_http_requests_total")
    assert requests[by(route="/v1/transfers", method="POST", status="201")] == 2
    assert requests[by(route="/v1/transfers", method="POST", status="422")] == 1
    assert requests[by(route="/v1/wallets/{wallet_id}", method="GET", status="200")] == 1
    problems = values(text, "payments_problems_total")
    assert {code: count for code, count in problems.items() if count} == {
        by(code="insufficient-funds"): 1
    }
    assert problems.keys() == {by(code=code) for code in BY_CODE}
    durations = values(text, "payments_http_request_duration_seconds_count")
    assert durations[by(route="/v1/transfers", method="POST")] == 3


def test_batches_locks_queues_and_backlogs_are_there(bank: Bank) -> None:
    bank.a_wallet(500)
    text = bank.client.get("/metrics").text
    single = by(lane="single")
    assert values(text, "payments_batch_commands_sum")[single] == 2
    assert values(text, "payments_batch_duration_seconds_count")[single] == 2
    assert values(text, "payments_lock_wait_seconds_count")[single] == 2
    assert values(text, "payments_commit_queue_length") == {single: 0, by(lane="batch"): 0}
    assert values(text, "payments_backlog_items")[by(backlog="sealing")] == 1
    assert values(text, "payments_database_up") == {by(): 1}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/ada@example.com"), ("GET", "/x" * 1000), ("BREW", "/livez"), ("PUT", "/v1/<x>")],
)
def test_no_client_can_make_a_new_series(plain_client: FlaskClient, method: str, path: str) -> None:
    plain_client.open(path, method=method)
    labels = values(plain_client.get("/metrics").text, "payments_http_requests_total").keys()
    found = {dict(each)["route"]: dict(each)["method"] for each in labels}
    assert found == {"unmatched": "OTHER" if method == "BREW" else method}


def test_who_asks_for_openmetrics_gets_it(plain_client: FlaskClient) -> None:
    answer = plain_client.get("/metrics", headers={"Accept": PROMETHEUS})
    assert answer.content_type.startswith("application/openmetrics-text; version=1.0.0")
    names = {family.name for family in read_openmetrics(answer.text)}
    assert {"payments_workers", "payments_problems", "payments_batch_duration_seconds"} <= names


@pytest.mark.parametrize("accept", [None, "*/*", "text/plain", "text/*;q=0.1, image/png"])
def test_everybody_else_gets_text(plain_client: FlaskClient, accept: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}
    answer = plain_client.get("/metrics", headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert re.match(r"# HELP payments_", answer.text)


def test_who_takes_neither_is_refused(plain_client: FlaskClient) -> None:
    refused = plain_client.get("/metrics", headers={"Accept": "application/json"})
    assert_problem(refused, 406, "not-acceptable")


def test_there_are_no_parameters(plain_client: FlaskClient) -> None:
    assert_problem(plain_client.get("/metrics?name=x"), 422, "validation-failed")


def test_without_its_database_it_says_so_and_answers(postgres_stage: Stage) -> None:
    with postgres_stage.container.watching_engine.override(nobody()):
        text = postgres_stage.container.app().test_client().get("/metrics").text
    assert values(text, "payments_database_up") == {by(): 0}
    assert values(text, "payments_workers") == {by(): 1}
    assert values(text, "payments_database_connections_max")[by(pool="posting")] == 1


def nobody() -> Any:
    from adapters.postgres.engine import watching_engine

    return watching_engine("postgresql://payments@127.0.0.1:1/nowhere")


@pytest.mark.parametrize(
    ("environ", "open_to_all", "needed"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, False, False),
        ({"REMOTE_ADDR": "127.8.9.1"}, False, False),
        ({"REMOTE_ADDR": "::1"}, False, False),
        ({"REMOTE_ADDR": "192.0.2.7"}, False, True),
        ({"REMOTE_ADDR": "192.0.2.7"}, True, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}, False, True),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=192.0.2.7"}, False, True),
        ({"REMOTE_ADDR": ""}, False, True),
        ({}, False, True),
    ],
)
def test_a_key_is_needed_from_elsewhere(
    environ: dict[str, str], open_to_all: bool, needed: bool
) -> None:
    assert needs_key(environ, open_to_all=open_to_all) is needed


@pytest.mark.parametrize(
    ("address", "scope", "status", "code"),
    [
        ("127.0.0.1", None, 200, None),
        ("192.0.2.7", None, 401, "unauthenticated"),
        ("192.0.2.7", "integrity:read", 403, "forbidden"),
        ("192.0.2.7", "metrics:read", 200, None),
        ("192.0.2.7", "admin", 200, None),
    ],
)
def test_from_elsewhere_the_key_needs_the_scope(
    admin: Bank, address: str, scope: str | None, status: int, code: str | None
) -> None:
    headers = {}
    if scope is not None:
        headers["Authorization"] = f"Bearer {admin.an_api_key('reader', scope)['secret']}"
    client = contract_client(admin.client.application)
    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status
    if code is not None:
        assert_problem(answer, status, code)


def test_it_can_be_opened_to_everybody(memory_stage: Stage) -> None:
    settings = memory_stage.container.settings()
    memory_stage.container.settings.override(
        settings.model_copy(update={"auth": True, "metrics_open": True})
    )
    client = memory_stage.container.app().test_client()
    answer = client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert answer.status_code == 200


def test_a_request_that_a_rate_refuses_is_counted() -> None:
    app = create_app(settings=Settings(memory=True, auth=False, rate_reads="2/minute"))
    client = app.test_client()
    assert [client.get("/v1/accounts").status_code for _ in range(3)][-1] == 429
    text = client.get("/metrics").text
    assert values(text, "payments_rate_limit_total")[by(event="refused", kind="reads")] >= 1
