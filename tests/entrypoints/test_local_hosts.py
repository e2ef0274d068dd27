"""A server without API keys answers those alone who call it by a name of its own machine."""

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client

from adapters.system import new_id
from entrypoints.http.local_hosts import local_hosts_alone
from tests.entrypoints.served import served
from tests.stage import Stage

OURS = [
    "localhost",
    "LocalHost:8000",
    "app.localhost:1",
    "localhost.",
    "127.0.0.1",
    "127.8.9.1:80",
    "[::1]:8000",
]
OTHERS = [
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "10.0.0.1",
    "[::2]",
    "localhost:8000@evil.example",
    "localhost\n",
    "",
]


def a_client() -> Client:
    app = Flask("app")
    app.add_url_rule("/", view_func=lambda: "hello")
    return Client(local_hosts_alone(app, new_id))


@pytest.mark.parametrize("host", OURS)
def test_names_of_this_machine_are_answered(host: str) -> None:
    assert a_client().get("/", environ_overrides={"HTTP_HOST": host}).text == "hello"


@pytest.mark.parametrize("host", OTHERS)
def test_any_other_name_is_refused(host: str) -> None:
    answer = a_client().get("/", environ_overrides={"HTTP_HOST": host})
    problem = json.loads(answer.data)
    assert (answer.status_code, problem["code"]) == (403, "forbidden")
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_head_has_no_body() -> None:
    answer = a_client().head("/", environ_overrides={"HTTP_HOST": "evil.example"})
    assert (answer.status_code, answer.data) == (403, b"")


@pytest.mark.slow
def test_a_server_without_keys_does_not_answer_a_rebound_name(
    postgres_stage: Stage, tmp_path: Path
) -> None:
    assert postgres_stage.url is not None
    with served(tmp_path / "out", postgres_stage.url, "--workers", "1") as service:
        url = f"http://127.0.0.1:{service.port}/v1/currencies"
        rebound = urllib.request.Request(url, headers={"Host": f"evil.example:{service.port}"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(rebound, timeout=10)  # noqa: S310 - our own URL
        refused.value.close()
        assert refused.value.code == 403
        assert "USD" in service.get("/v1/currencies")
