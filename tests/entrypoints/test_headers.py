"""The headers that every answer carries."""

import pytest
from werkzeug.test import TestResponse

from tests.entrypoints.stub import stub_client

PATHS = ["/livez", "/readyz", "/openapi.json", "/docs", "/problems", "/problems/not-found",
         "/assets/redoc/redoc.standalone.js", "/nowhere", "/v1/transfers", "/v1/wallets/x"]  # fmt: skip


def _get(path: str, request_id: str | None = None) -> TestResponse:
    headers = {} if request_id is None else {"X-Request-Id": request_id}
    return stub_client().get(path, headers=headers)


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_guarded_against_misuse(path: str) -> None:
    with _get(path) as response:
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert len(response.headers.getlist("Content-Security-Policy")) == 1
        assert len(response.headers.getlist("Cache-Control")) == 1


def test_answers_about_money_are_not_stored() -> None:
    assert _get("/v1/wallets/x").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_its_request_id(path: str) -> None:
    with _get(path) as first, _get(path) as second, _get(path, "mine-1.2_3") as third:
        assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
        assert third.headers["X-Request-Id"] == "mine-1.2_3"


@pytest.mark.parametrize("sent", ["", "a b", "x" * 129, "ü", "a,b", '"x"'])
def test_a_request_id_that_is_not_sane_is_replaced(sent: str) -> None:
    answered = stub_client().get("/livez", environ_base={"HTTP_X_REQUEST_ID": sent})
    assert answered.headers["X-Request-Id"] != sent
    assert len(answered.headers["X-Request-Id"]) == 32


def test_a_problem_carries_the_id_of_its_request() -> None:
    response = _get("/nowhere", "mine")
    assert response.get_json()["request_id"] == response.headers["X-Request-Id"] == "mine"


def test_options_are_answered_with_the_methods() -> None:
    response = stub_client().options("/v1/accounts")
    assert response.status_code == 200
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
