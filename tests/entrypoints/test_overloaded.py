"""The answer of a full house is a problem like any other, made without Flask."""

import json
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from adapters.system import new_id
from domain.errors import Overloaded
from entrypoints.app import create_app
from entrypoints.bridge import PROBES
from entrypoints.http.edge import Edge, at_the_edge
from entrypoints.http.overloaded import RETRY_AFTER_SECONDS, overloaded
from entrypoints.http.problems import problem_body
from entrypoints.http.security_headers import DEFAULTS


def refused(method: str = "POST", *, draining: bool = False, **headers: str) -> TestResponse:
    app = overloaded(new_id, lambda: draining)
    return Client(app).open("/v1/transfers", method=method, headers=headers)


def test_it_is_the_problem_overloaded() -> None:
    answer = refused(**{"X-Request-Id": "mine"})
    body = json.loads(answer.text)
    assert answer.status == "503 Service Unavailable"
    assert answer.content_type == "application/problem+json"
    assert body == problem_body(Overloaded(body["detail"]), "mine")
    assert answer.headers["X-Request-Id"] == "mine"
    assert answer.content_length == len(answer.data)
    assert set(DEFAULTS) <= set(answer.headers)


@pytest.mark.parametrize("sent", ['"}', "a b", "x" * 129, "\u00e9"])
def test_an_id_that_is_not_sane_is_replaced(sent: str) -> None:
    answer = refused(**{"X-Request-Id": sent})
    assert json.loads(answer.text)["request_id"] == answer.headers["X-Request-Id"] != sent


def test_those_who_are_refused_together_do_not_come_back_together() -> None:
    asked = {refused().headers["Retry-After"] for _ in range(200)}
    assert asked == {str(seconds) for seconds in RETRY_AFTER_SECONDS}


def test_a_head_has_no_body() -> None:
    assert refused("HEAD").data == b""


def test_a_server_that_stops_says_so() -> None:
    assert refused(draining=True).headers["Connection"] == "close"
    assert "Connection" not in refused().headers


def test_pages_of_allowed_origins_may_read_it() -> None:
    edge = Edge(allowed_origins=frozenset({"https://shop.example"}))
    app = at_the_edge(overloaded(new_id, lambda: False), edge, new_id)
    answer = Client(app).post("/v1/transfers", headers={"Origin": "https://shop.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


def test_every_operation_but_the_probes_says_that_it_may_be_refused() -> None:
    document: Any = create_app(memory=True).test_client().get("/openapi.json").json
    silent = {
        path
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method != "parameters" and "`overloaded`" not in described(operation)
    }
    assert silent == PROBES


def described(operation: dict[str, Any]) -> str:
    return str(operation["responses"].get("503", {}).get("description", ""))
