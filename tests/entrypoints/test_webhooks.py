"""Webhooks over HTTP: endpoints are made and changed, deliveries looked at; secrets are shown once."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.entrypoints.bank import NOBODY, Bank, assert_problem
from tests.stage import Stage
from tests.webhooks.builders import claim, fan_out, record

PATH = "/v1/webhook-endpoints"
BODY = {"url": "https://shop.example.com/hook", "event_types": ["*"]}


def made(bank: Bank, **fields: Any) -> dict[str, Any]:
    response = bank.post(PATH, BODY | fields)
    assert response.status_code == 201, response.text
    assert response.headers["Location"] == f"{PATH}/{response.json['id']}"
    endpoint: dict[str, Any] = response.json
    return endpoint


def change(bank: Bank, id: str, **fields: Any) -> Any:
    return bank.client.patch(f"{PATH}/{id}", json={"version": 1} | fields)


def test_the_secret_is_shown_once_in_the_first_answer_alone(bank: Bank) -> None:
    first = bank.post(PATH, BODY, key="once")
    assert first.json["secret"].startswith("whsec_")
    again = bank.post(PATH, BODY, key="once")
    assert again.headers["Idempotency-Replayed"] == "true"
    secret = first.json["secret"]
    without = {name: value for name, value in first.json.items() if name != "secret"}
    assert (again.status_code, again.json) == (201, without)
    assert bank.get(f"{PATH}/{without['id']}") == without
    assert bank.get(PATH)["data"] == [without]
    assert secret not in bank.client.get("/v1/audit-entries").text
    changed = change(bank, without["id"], description="The shop")
    assert "secret" not in changed.json


def test_a_rotation_shows_the_new_secret_and_how_long_the_old_one_signs(bank: Bank) -> None:
    endpoint = made(bank)
    rotated = bank.post(f"{PATH}/{endpoint['id']}/rotate-secret", {}).json
    assert rotated["secret"] not in (None, endpoint["secret"])
    assert (endpoint["previous_secret_until"], rotated["version"]) == (None, 2)
    assert rotated["previous_secret_until"] > rotated["updated_at"]
    assert "secret" not in bank.get(f"{PATH}/{endpoint['id']}")


def test_an_endpoint_is_changed_disabled_and_enabled_again(bank: Bank) -> None:
    id = made(bank, description="One")["id"]
    changed = change(bank, id, event_types=["hold.placed", "hold.placed"], description=None)
    assert changed.status_code == 200
    assert (changed.json["event_types"], changed.json["description"]) == (["hold.placed"], None)
    assert change(bank, id, version=2, status="disabled").json["status"] == "disabled"
    assert change(bank, id, version=3, status="enabled").json["status"] == "enabled"
    assert_problem(change(bank, id, version=3, status="disabled"), 409, "version-conflict")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"url": 5}, "/url"),
        ({"url": ""}, "/url"),
        ({"url": "https://example.com/" + "x" * 2000}, "/url"),
        ({"event_types": []}, "/event_types"),
        ({"event_types": "*"}, "/event_types"),
        ({"event_types": ["transfer"]}, "/event_types/0"),
        ({"event_types": ["*"] * 100}, "/event_types"),
        ({"secret": "whsec_mine"}, "/secret"),
    ],
)
def test_what_is_no_endpoint_is_refused(
    memory_bank: Bank, fields: dict[str, Any], pointer: str
) -> None:
    problem = assert_problem(memory_bank.post(PATH, BODY | fields), 422, "validation-failed")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "https://127.0.0.1/", "https://a:b@example.com/", "https://[::1]/"],
)
def test_an_endpoint_that_is_not_public_is_refused(bank: Bank, url: str) -> None:
    assert_problem(bank.post(PATH, BODY | {"url": url}), 422, "webhook-url-refused")
    id = made(bank)["id"]
    assert_problem(change(bank, id, url=url), 422, "webhook-url-refused")


@pytest.mark.parametrize("id", [NOBODY, "no-uuid"])
def test_what_is_not_there_is_404(memory_bank: Bank, id: str) -> None:
    get, post = memory_bank.client.get, memory_bank.post
    asked: list[tuple[Callable[[], Any], str]] = [
        (lambda: get(f"{PATH}/{id}"), "webhook-endpoint-not-found"),
        (lambda: get(f"{PATH}/{id}/deliveries"), "webhook-endpoint-not-found"),
        (lambda: change(memory_bank, id), "webhook-endpoint-not-found"),
        (lambda: post(f"{PATH}/{id}/rotate-secret", {}), "webhook-endpoint-not-found"),
        (lambda: get(f"/v1/webhook-deliveries/{id}"), "webhook-delivery-not-found"),
        (lambda: post(f"/v1/webhook-deliveries/{id}/replay", {}), "webhook-delivery-not-found"),
    ]
    for ask, code in asked:
        assert_problem(ask(), 404, code)


def test_deliveries_are_listed_with_their_attempts_and_dead_letters_replayed(
    bank: Bank, stage: Stage
) -> None:
    id = made(bank, event_types=["account.opened"])["id"]
    accounts = [bank.open_account() for _ in range(3)]
    fan_out(stage)
    first, second, _ = claim(stage)
    record(stage, first, 500)
    record(stage, second, 204)
    path = f"{PATH}/{id}/deliveries"
    assert [it["status"] for it in bank.get(path)["data"]] == ["pending", "delivered", "dead"]
    page = bank.client.get(path, query_string={"limit": 2})
    rest = bank.get(path, limit=2, cursor=page.json["next_cursor"])
    assert [it["event_number"] for it in (*page.json["data"], *rest["data"])] == [4, 3, 2]
    (dead,) = bank.get(path, status="dead")["data"]
    shown = bank.get(f"/v1/webhook-deliveries/{dead['id']}")
    (attempt,) = shown.pop("attempt_log")
    assert shown == dead
    assert (attempt["attempt"], attempt["response_status"], attempt["error"]) == (1, 500, None)
    replayed = bank.post(f"/v1/webhook-deliveries/{dead['id']}/replay", {})
    assert (replayed.status_code, replayed.json["status"]) == (200, "pending")
    assert bank.get(path, status="dead")["data"] == []
    assert len(accounts) == 3


def test_a_cursor_of_another_endpoint_is_refused(memory_bank: Bank, memory_stage: Stage) -> None:
    one, other = made(memory_bank)["id"], made(memory_bank)["id"]
    memory_bank.open_account()
    fan_out(memory_stage)
    cursor = memory_bank.get(f"{PATH}/{one}/deliveries", limit=1)["next_cursor"]
    refused = memory_bank.client.get(f"{PATH}/{other}/deliveries", query_string={"cursor": cursor})
    assert_problem(refused, 400, "invalid-cursor")
