"""Who may be believed about the client, and whose pages may call: nobody unless it is asked for."""

import dataclasses
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from pydantic import ValidationError

from entrypoints.app import create_app
from entrypoints.config import Settings

SHOP = "https://shop.example"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x"}
FORWARDED = {"X-Forwarded-For": "203.0.113.7, 198.51.100.9", "X-Forwarded-Proto": "https"}
SPOOFED = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil", "Forwarded": "for=1"}


def an_app(**settings: Any) -> Flask:
    app = create_app(settings=Settings(memory=True, auth=False, **settings))
    app.add_url_rule("/seen", "seen", lambda: f"{request.remote_addr} {request.scheme}")
    return app


def a_client(**settings: Any) -> FlaskClient:
    return an_app(**settings).test_client()


@pytest.mark.parametrize(
    ("hops", "seen"),
    [
        (0, "127.0.0.1 http"),
        (1, "198.51.100.9 https"),
        (2, "203.0.113.7 http"),
        (3, "127.0.0.1 http"),
    ],
)
def test_the_client_is_whom_the_trusted_proxies_name(hops: int, seen: str) -> None:
    """The rest of the header may come from the client itself; a proxy sets each header once for itself."""
    assert a_client(trusted_hops=hops).get("/seen", headers=FORWARDED | SPOOFED).text == seen


def test_without_settings_nothing_stands_before_the_application() -> None:
    assert "wsgi_app" in vars(an_app())
    assert an_app().wsgi_app.__qualname__ == "PaymentsApp.wsgi_app"


def test_an_origin_is_answered_with_itself_or_not_at_all() -> None:
    client = a_client(cors_origins=f"{SHOP}, http://localhost:3000")
    for origin in (SHOP, "http://localhost:3000"):
        answer = client.get("/livez", headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert "Idempotency-Replayed" in answer.headers["Access-Control-Expose-Headers"]
    for origin in ("https://shop.example.evil", "http://shop.example", f"{SHOP}:444", "null", ""):
        answer = client.get("/livez", headers={"Origin": origin})
        assert cors_headers(answer.headers) == {}
        assert (answer.status_code, answer.headers["Vary"]) == (200, "Origin")


def test_no_page_may_call_unless_it_is_allowed_to() -> None:
    client = a_client()
    assert cors_headers(client.get("/livez", headers={"Origin": SHOP}).headers) == {}
    preflight = client.options("/v1/transfers", headers=PREFLIGHT | {"Origin": SHOP})
    assert cors_headers(preflight.headers) == {}


def test_a_preflight_is_answered_before_the_application_is_asked() -> None:
    app = an_app(cors_origins=SHOP)

    def refuse_everybody() -> tuple[str, int]:
        return "who are you?", 401

    app.before_request(refuse_everybody)
    client = app.test_client()
    answer = client.options("/v1/transfers", headers=PREFLIGHT | {"Origin": SHOP})
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert "Idempotency-Key" in answer.headers["Access-Control-Allow-Headers"]
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Request-Id"]
    refused = client.options(
        "/v1/transfers", headers=PREFLIGHT | {"Origin": "https://evil.example"}
    )
    assert (refused.status_code, cors_headers(refused.headers)) == (401, {})


def test_a_problem_can_be_read_by_the_page_that_caused_it() -> None:
    answer = a_client(cors_origins=SHOP).post("/v1/transfers", headers={"Origin": SHOP})
    assert answer.status_code >= 400
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP


def test_no_browser_ever_sends_credentials_on_its_own() -> None:
    answer = a_client(cors_origins=SHOP).get("/livez", headers={"Origin": SHOP})
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "*" not in str(answer.headers)


@pytest.mark.parametrize(
    "origin",
    ["*", "shop.example", "https://*.example", f"{SHOP}/", f"{SHOP}/path", "https://Shop.example",
     "null", "ftp://shop.example", "https://user@shop.example"],
)  # fmt: skip
def test_what_is_no_origin_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(ValidationError, match="is no origin"):
        Settings(cors_origins=origin)


def test_https_is_promised_only_over_https_when_it_is_asked_for() -> None:
    promise = "Strict-Transport-Security"
    client = a_client(hsts_seconds=31_536_000, trusted_hops=1)
    secure = client.get("/livez", headers={"X-Forwarded-Proto": "https"})
    assert secure.headers[promise] == "max-age=31536000; includeSubDomains"
    assert promise not in client.get("/livez").headers
    assert promise not in a_client(trusted_hops=1).get("/livez", headers=FORWARDED).headers


def test_a_service_that_is_about_to_stop_still_serves_but_is_not_ready() -> None:
    told: list[bool] = []
    app = create_app(settings=Settings(memory=True, auth=False))
    container = app.extensions["payments"]
    edge = dataclasses.replace(container.edge(), is_draining=lambda: bool(told))
    container.edge.override(edge)
    client = container.app().test_client()
    assert "Connection" not in client.get("/readyz").headers
    told.append(True)
    red = client.get("/readyz")
    assert (red.status_code, "about to stop" in red.text) == (503, True)
    opened = client.post("/v1/accounts", json={"name": "Ada"})
    assert (opened.status_code, opened.headers["Connection"]) == (201, "close")
    assert client.get("/livez").status_code == 200


def cors_headers(headers: Any) -> dict[str, str]:
    return {name: value for name, value in headers if name.startswith("Access-Control-")}
