"""What the service says: one line each, joined by libraries, with nothing in it that is a client's."""

import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from entrypoints.config import Settings
from entrypoints.http.watch import ACTOR, Seen
from entrypoints.logs import make_formatter
from entrypoints.request_log import request_log
from tests.concurrency.rig import as_superuser, sql
from tests.entrypoints.contract import contract_client
from tests.entrypoints.served import Served, served
from tests.stage import Stage

NAME = "Ada-Wombat"
SECRETS = {
    "name": NAME,
    "reference": "reference-Narwhal",
    "metadata": {"passport": "Quokka-4711"},
}
DESCRIPTION = "description-Axolotl"
AMOUNT = 48_151_623
KEY = "key-Pangolin"
BEARER = "pay_Okapi"
WORDS = ("Wombat", "Narwhal", "Quokka", "passport", "Axolotl", str(AMOUNT), "Pangolin", "Okapi")
SEEN = Seen("id-1", "key-7", "POST", "/v1/transfers", "422", "insufficient-funds", 0.0123456)


def record(message: str, *arguments: Any, exc_info: Any = None) -> logging.LogRecord:
    return logging.LogRecord("adapters.x", logging.WARNING, "", 1, message, arguments, exc_info)


def as_json(made: logging.LogRecord) -> dict[str, Any]:
    text = make_formatter(json=True).format(made)
    assert "\n" not in text
    said: dict[str, Any] = json.loads(text)
    return said


# Lines.


def test_whatever_goes_through_logging_is_a_line_of_json() -> None:
    said = as_json(record("a batch of %d runs again: %s", 3, "deadlock"))
    assert said.pop("timestamp").endswith("Z")
    assert said == {
        "level": "warning",
        "logger": "adapters.x",
        "event": "a batch of 3 runs again: deadlock",
    }


def test_a_line_break_in_what_is_said_begins_no_new_line() -> None:
    forged = record("so says %s", 'x\n{"level":"info","event":"all is well"}\x1b[2J\u2028')
    assert as_json(forged)["event"].startswith("so says x\n")
    text = make_formatter(json=False).format(forged)
    assert len(text.splitlines()) == 1
    assert "\x1b" not in text


@pytest.mark.parametrize("json", [True, False])
def test_an_exception_is_told_without_its_values_or_local_variables(json: bool) -> None:
    def fail(name: str) -> None:
        secret = f"Wombat {name}"
        try:
            raise KeyError(secret)
        except KeyError as error:
            raise ValueError(secret) from error

    try:
        fail("Narwhal")
    except ValueError:
        text = make_formatter(json=json).format(record("failed", exc_info=sys.exc_info()))
    assert "Wombat" not in text
    assert "Narwhal" not in text
    assert "ValueError" in text
    assert "KeyError" in text
    assert "entrypoints/test_logs.py:" in text
    assert " fail" in text


# Requests.


def log_of(format: str, level: str = "info") -> list[bytes]:
    lines: list[bytes] = []
    log = request_log(Settings(log_format=format, log_level=level), lines.append)
    if log is not None:
        log(SEEN)
    return lines


def test_a_request_is_one_line_with_its_id_its_actor_and_its_route() -> None:
    (line,) = log_of("json")
    assert line.endswith(b"}\n")
    said = json.loads(line)
    assert said.pop("timestamp").endswith("Z")
    assert said == {
        "level": "info",
        "logger": "payments.request",
        "event": "request",
        "request_id": "id-1",
        "actor": "key-7",
        "method": "POST",
        "route": "/v1/transfers",
        "status": 422,
        "duration_ms": 12.346,
        "code": "insufficient-funds",
    }


def test_people_get_a_line_of_text() -> None:
    (line,) = log_of("text")
    assert line.count(b"\n") == 1
    assert b"POST    /v1/transfers 422 12.3 ms id-1 insufficient-funds key-7" in line


@pytest.mark.parametrize(
    ("level", "lines"), [("debug", 1), ("info", 1), ("warning", 0), ("error", 0)]
)
def test_requests_are_logged_at_info(level: str, lines: int) -> None:
    assert len(log_of("json", level)) == lines


def test_an_app_in_other_peoples_tests_logs_no_requests(
    memory_stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    contract_client(memory_stage.container.app()).get("/v1/accounts")
    assert capfd.readouterr().err == ""


def test_an_unexpected_error_is_logged_with_its_request(
    memory_stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    app = memory_stage.container.app()

    def fail() -> None:
        raise ZeroDivisionError(NAME)

    app.add_url_rule("/fail/<name>", "fail", lambda name: fail())
    caplog.handler.setFormatter(make_formatter(json=True))
    answer = app.test_client().get(
        f"/fail/{NAME}", headers={"X-Request-Id": "mine"}, environ_base={ACTOR: "key-7"}
    )
    said = json.loads(caplog.text)
    assert answer.status_code == 500
    assert (said["request_id"], said["actor"], said["level"]) == ("mine", "key-7", "error")
    assert said["exception"][0]["type"] == "ZeroDivisionError"
    assert NAME not in caplog.text


# The real server, told secrets everywhere.


def tell_secrets(service: Served) -> None:
    """In bodies, headers, paths and queries; accepted, refused, not understood."""
    headers = {"Authorization": f"Bearer {BEARER}", "Idempotency_Key": KEY}
    made = json.loads(service.post("/v1/accounts", SECRETS, **headers))
    wallet = made["wallets"][0]["id"]
    money = {"wallet_id": wallet, "amount": AMOUNT, "currency": "USD", "description": DESCRIPTION}
    service.post("/v1/replenishments", money, **headers | {"Idempotency_Key": f"{KEY}-2"})
    service.post("/v1/withdrawals", money | {"amount": AMOUNT * 2}, Idempotency_Key=f"{KEY}-3")
    service.post("/v1/accounts", SECRETS)
    service.post("/v1/accounts", SECRETS | {NAME: NAME})
    service.post("/v1/accounts", f'{{"{NAME}'.encode())
    service.post(f"/v1/{NAME}", {})
    service.get(f"/v1/accounts?reference={NAME}&{NAME}={NAME}")
    service.get(f"/v1/wallets/{NAME}", X_Request_Id=f"a b {NAME}")


@pytest.mark.slow
@pytest.mark.parametrize("format", ["json", "text"])
def test_no_secret_and_nobodys_data_is_in_what_a_server_says(
    postgres_stage: Stage, tmp_path: Path, format: str
) -> None:
    url = postgres_stage.url or ""
    settings = {"PAYMENTS_LOG_FORMAT": format, "PAYMENTS_LOG_LEVEL": "debug"}
    with served(
        tmp_path / "out", url, "--workers", "1", PAYMENTS_CURRENCIES="USD,EUR,JPY", **settings
    ) as service:
        tell_secrets(service)
        assert service.statuses == [201, 201, 422, 409, 422, 400, 404, 422, 404]
        # From now on the database refuses the row with all that is in it.
        sql(
            as_superuser(url),
            "ALTER TABLE account ADD CONSTRAINT unlucky CHECK (name = '') NOT VALID",
        )
        failing = {**SECRETS, "reference": "reference-Narwhal-2"}
        service.post("/v1/accounts", failing, X_Request_Id="unlucky-1")
        assert service.statuses[-1] == 500
        sql(as_superuser(url), "ALTER TABLE account DROP CONSTRAINT unlucky")
    said = service.said()
    assert [word for word in WORDS if word in said] == []
    assert "CheckViolation" in said
    if format == "json":
        lines = service.lines()
        requests = [line for line in lines if line["event"] == "request" and "code" in line]
        assert {line["code"] for line in requests} >= {"insufficient-funds", "internal-error"}
        (fault,) = [line for line in lines if "exception" in line]
        assert (fault["request_id"], fault["route"]) == ("unlucky-1", "/v1/accounts")
        assert (fault["sqlstate"], fault["constraint"]) == ("23514", "unlucky")
        assert "_granian" in {line["logger"].partition(".")[0] for line in lines}
