"""There is one way to write each path; no header changes what is asked for; nothing tells what exists."""

import re
import socket
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from adapters.system import new_secret
from domain.scope import BOUND
from tests.entrypoints.bank import NOBODY, Bank, assert_problem
from tests.entrypoints.contract import contract_client
from tests.entrypoints.test_serve import SECRET, free_port, serving, wait_until_ready

TRICKS = (
    "//v1/accounts", "/v1//accounts", "/v1/./accounts", "/v1/x/../accounts", "/v1/accounts/.",
    "/v1/accounts;x=1", "/v1/accounts%00", "/v1/accounts%20", "/V1/accounts", "/v1/Accounts",
    "/v1\\accounts", "/v1/accounts%0a", "/v1/accounts%3f", "/v1/accounts%23", "/livez/../v1/accounts",
    "/docs/..;/v1/accounts", "/v1/accounts%252f", "/v1/%61ccounts%2f", "/assets/redoc/..%2f..%2f..%2fapp.py",
    "/assets/redoc/%2e%2e/%2e%2e/index.html", "/assets/redoc//etc/passwd", "/problems/..%2fdocs",
    "/.env", "/.git/config", "/v1/accounts/%2e%2e/%2e%2e/etc/passwd",
)  # fmt: skip
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL",
             "X-Rewrite-URL", "X-Forwarded-Prefix", "X-Original-Method")  # fmt: skip


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    port = free_port()
    with serving(port, PAYMENTS_LOG_LEVEL="error"):
        wait_until_ready(port)
        yield port


def answer(port: int, line: str, *headers: str) -> tuple[int, str]:
    """Status and text of what the real server says to this request line, byte for byte."""
    head = "\r\n".join([line, "Host: localhost", "Connection: close", *headers, "", ""])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(head.encode("latin-1"))
        with client.makefile("rb") as file:
            text = file.read().decode("latin-1")
    found = re.match(r"HTTP/1\.1 (\d{3})", text)
    return (int(found[1]) if found else 0), text


KEY = f"Authorization: Bearer {SECRET}"


@pytest.mark.parametrize("path", TRICKS)
def test_another_way_to_write_a_path_is_another_path(port: int, path: str) -> None:
    for headers in ((), (KEY,)):
        status, text = answer(port, f"GET {path} HTTP/1.1", *headers)
        assert status in (400, 401, 404), text
        assert "root:" not in text
        assert '"data"' not in text


def test_an_encoded_letter_is_the_letter_and_needs_the_key(port: int) -> None:
    assert answer(port, "GET /v1/%61ccounts HTTP/1.1")[0] == 401
    assert answer(port, "GET /%76%31/accounts HTTP/1.1")[0] == 401
    assert answer(port, "GET /v1%2faccounts HTTP/1.1")[0] == 401
    assert answer(port, "GET /v1/%61ccounts HTTP/1.1", KEY)[0] == 200


@pytest.mark.parametrize(
    "target", ["http://evil.example/v1/accounts", "https://x@y/v1/accounts", "*", "x:80"]
)
def test_a_target_with_a_host_reaches_nothing_without_a_key(port: int, target: str) -> None:
    for method in ("GET", "OPTIONS", "CONNECT", "POST"):
        status, text = answer(port, f"{method} {target} HTTP/1.1")
        assert status in (400, 401, 404, 405), text


@pytest.mark.parametrize("name", OVERRIDES)
def test_no_header_overrules_the_method_or_the_path(memory_bank: Bank, name: str) -> None:
    before = memory_bank.everything()
    for value in ("POST", "DELETE", "/v1/accounts", "/livez"):
        plain = memory_bank.client.get(f"/v1/accounts/{NOBODY}", headers={name: value})
        assert_problem(plain, 404, "account-not-found")
        assert memory_bank.client.get("/v1/wallets", headers={name: value}).json["data"] == []
    assert memory_bank.everything() == before


def test_head_and_options_tell_no_more_than_a_key_may_know(admin: Bank) -> None:
    account = admin.open_account()["id"]
    nobody = contract_client(admin.client.application)
    for path in ("/v1/accounts", f"/v1/accounts/{account}", f"/v1/accounts/{NOBODY}", "/v1/x"):
        for method in ("HEAD", "OPTIONS", "GET", "PATCH", "TRACE"):
            assert nobody.open(path, method=method).status_code == 401, (method, path)


def uncounted(answer: TestResponse) -> dict[str, str]:
    """The headers without what says how many requests are left, which is one fewer each time."""
    return {name: value for name, value in answer.headers if name != "RateLimit"}


def test_what_exists_answers_like_what_does_not_where_it_is_not_ones_own(admin: Bank) -> None:
    account = admin.open_account()
    other = admin.open_account()
    secret = admin.an_api_key("app", *sorted(BOUND), account_id=account["id"])["secret"]
    app = Bank(contract_client(admin.client.application, secret))
    for method in ("GET", "HEAD", "OPTIONS", "PATCH", "DELETE"):
        for path, id in (("accounts", other["id"]), ("wallets", other["wallets"][0]["id"])):
            ask = {"method": method, "headers": {"X-Request-Id": "mine"}}
            theirs = app.client.open(f"/v1/{path}/{id}", **ask)
            nothing = app.client.open(f"/v1/{path}/{NOBODY}", **ask)
            assert (theirs.status_code, uncounted(theirs)) == (
                nothing.status_code, uncounted(nothing)
            )  # fmt: skip
            assert theirs.text.replace(id, "?") == nothing.text.replace(NOBODY, "?")


def test_a_wrong_key_is_told_nothing_of_its_prefix(admin: Bank) -> None:
    known = admin.an_api_key("known")["secret"]
    prefix, unknown = known[:17], new_secret()
    answers = set()
    for secret in (unknown, prefix + unknown[17:], known[:-1], known + "A", "pay_", "x"):
        client = Bank(contract_client(admin.client.application, secret)).client
        answer = client.get("/v1/accounts", headers={"X-Request-Id": "mine"})
        answers.add((answer.status_code, answer.text, tuple(uncounted(answer).items())))
    assert len(answers) == 1
