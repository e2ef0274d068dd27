"""Everything that leaves the service as an error is a problem (RFC 9457) with a page of its own."""

import logging
from typing import Any

import pytest

from domain import errors
from domain.errors import NotNow, PaymentError, leaves
from domain.idempotency import Outcome
from entrypoints.http.problem_table import BY_CODE, PROBLEMS
from entrypoints.http.request_errors import InternalError, RequestError
from service_layer.command import Command
from tests.entrypoints.bank import NOBODY, Bank, a_transfer, assert_problem
from tests.entrypoints.stub import stub_client

TRANSFER = a_transfer(NOBODY, NOBODY.replace("1", "2"))
KEY = {"Idempotency-Key": "k"}


def test_every_error_has_a_row_and_every_row_an_error() -> None:
    assert set(PROBLEMS) == set(leaves())


def test_codes_are_unique() -> None:
    assert len(BY_CODE) == len(PROBLEMS)


def test_a_business_refusal_is_never_the_services_fault_and_a_fault_never_the_clients() -> None:
    for error, row in PROBLEMS.items():
        if issubclass(error, (errors.Refusal, RequestError)):
            assert 400 <= row.status < 500, error
        if error in (InternalError, errors.Overloaded, errors.OutcomeUnknown, errors.Unavailable):
            assert row.status >= 500, error


@pytest.mark.parametrize("error", leaves(NotNow))
def test_what_may_pass_says_when_to_come_again(error: type[NotNow]) -> None:
    def execute(_command: Command) -> Outcome:
        raise error("Not now.")

    response = stub_client(execute).post("/v1/transfers", json=TRANSFER, headers=KEY)
    assert_problem(response, PROBLEMS[error].status, error.code)
    assert response.headers["Retry-After"] == str(error.retry_after_seconds)


@pytest.mark.parametrize("error", leaves(errors.Refusal))
def test_every_refusal_is_shown_with_the_request_that_it_first_answered(
    error: type[errors.Refusal],
) -> None:
    def execute(_command: Command) -> Outcome:
        return Outcome(refused=error("No.", limit=7), request_id="first", replayed=True)

    response = stub_client(execute).post("/v1/transfers", json=TRANSFER, headers=KEY)
    problem = assert_problem(response, PROBLEMS[error].status, error.code)
    assert (problem["request_id"], problem["detail"], problem["limit"]) == ("first", "No.", 7)
    assert response.headers["Idempotency-Replayed"] == "true"


def test_the_data_of_an_error_never_hides_a_member_of_the_problem() -> None:
    def execute(_command: Command) -> Outcome:
        refused = errors.SameWallet("No.", status=200, code="fine")
        return Outcome(refused=refused, request_id="r")

    response = stub_client(execute).post("/v1/transfers", json=TRANSFER, headers=KEY)
    assert_problem(response, 422, "same-wallet")


def test_a_fault_is_logged_and_tells_the_client_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def execute(_command: Command) -> Outcome:
        raise RuntimeError("secret of the service")

    with caplog.at_level(logging.ERROR):
        response = stub_client(execute).post("/v1/transfers", json=TRANSFER, headers=KEY)
    assert_problem(response, 500, "internal-error")
    assert "secret" not in response.text
    assert "secret of the service" in caplog.text


def test_readiness_says_what_is_missing() -> None:
    client = stub_client(not_ready=lambda: ["The database does not answer."])
    response = client.get("/readyz")
    problem = assert_problem(response, 503, "unavailable")
    assert problem["detail"] == "The database does not answer."
    assert response.headers["Retry-After"]
    assert client.get("/livez").json == {"status": "ok"}


def test_a_service_with_nothing_missing_is_ready(bank: Bank) -> None:
    assert bank.get("/readyz") == {"status": "ok"}


NOWHERE = ["/", "/v1", "/v2/accounts", "/v1/accounts/", "//v1/accounts", "/v1/a\0b", "/assets/x.js",
           "/assets/redoc/../../etc/passwd", "/assets/redoc/none.js", "/problems/no-such"]  # fmt: skip


@pytest.mark.parametrize("path", NOWHERE)
def test_a_path_that_is_nowhere_is_a_problem_too(path: str) -> None:
    assert_problem(stub_client().get(path), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/accounts", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("PUT", f"/v1/transactions/{NOBODY}", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/v1/transfers", {"OPTIONS", "POST"}),
        ("TRACE", "/v1/transfers", {"OPTIONS", "POST"}),
        ("POST", "/livez", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(method: str, path: str, allowed: set[str]) -> None:
    response = stub_client().open(path, method=method)
    assert_problem(response, 405, "method-not-allowed")
    assert set(response.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "application/json;q=0", "x"])
@pytest.mark.parametrize("path", ["/v1/transfers", "/v1/accounts"])
def test_who_does_not_accept_json_is_refused(path: str, accept: str) -> None:
    headers = KEY | {"Accept": accept}
    assert_problem(stub_client().post(path, json=TRANSFER, headers=headers), 406, "not-acceptable")


@pytest.mark.parametrize(
    "accept", ["*/*", "application/*", "application/json", "text/html, */*;q=0.1", "x/y, application/json"]
)  # fmt: skip
def test_who_accepts_json_among_others_gets_it(memory_bank: Bank, accept: str) -> None:
    response = memory_bank.client.get("/v1/accounts", headers={"Accept": accept})
    assert response.status_code == 200


@pytest.mark.parametrize("error", leaves())
def test_each_problem_has_a_page(error: type[PaymentError]) -> None:
    response = stub_client().get(f"/problems/{error.code}")
    assert (response.status_code, response.mimetype) == (200, "text/html")
    for text in (error.code, PROBLEMS[error].title, str(PROBLEMS[error].status)):
        assert text in response.text
    assert '<html lang="en">' in response.text
    assert "script" not in response.text


def test_one_page_lists_all_problems() -> None:
    page = stub_client().get("/problems").text
    assert all(f'href="problems/{code}"' in page for code in BY_CODE)


def test_problems_of_lone_surrogates_can_be_written() -> None:
    body: dict[str, Any] = TRANSFER | {"\ud83d": {"\udfff": 1}}
    response = stub_client().post("/v1/transfers", json=body, headers=KEY)
    assert_problem(response, 422, "validation-failed")
