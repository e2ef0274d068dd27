"""Accounts over HTTP once they are open: renamed, frozen, unfrozen, closed."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.entrypoints.bank import NOBODY, Bank, a_transfer, assert_problem
from tests.stage import Stage

LATER = "2026-01-01T01:00:00.000000Z"


def path(account: dict[str, Any], step: str = "") -> str:
    return f"/v1/accounts/{account['id']}" + (f"/{step}" if step else "")


def test_a_name_and_metadata_change_and_the_rest_stays(bank: Bank, stage: Stage) -> None:
    account = bank.open_account(name="Ada", reference="customer-1", metadata={"a": "1", "b": "2"})
    stage.clock.move(hours=1)
    changed = bank.patch(path(account), {"version": 1, "name": "Eve", "metadata": {"c": "3"}})
    assert changed.status_code == 200
    assert "Location" not in changed.headers
    assert changed.json == account | {
        "name": "Eve", "metadata": {"c": "3"}, "version": 2, "updated_at": LATER,
    }  # fmt: skip
    got = bank.client.get(path(account))
    assert (got.data, got.headers["ETag"]) == (changed.data, changed.headers["ETag"])
    assert bank.get("/v1/accounts", reference="customer-1")["data"] == [changed.json]


@pytest.mark.parametrize(
    ("change", "name", "metadata"),
    [
        ({"name": "Eve"}, "Eve", {"a": "1"}),
        ({"metadata": {}}, "Ada", {}),
        ({"metadata": {"b": "2"}}, "Ada", {"b": "2"}),
    ],
)
def test_what_is_left_out_stays_and_metadata_is_replaced(
    bank: Bank, change: dict[str, Any], name: str, metadata: dict[str, str]
) -> None:
    account = bank.open_account(metadata={"a": "1"})
    changed = bank.patch(path(account), {"version": 1} | change).json
    assert (changed["name"], changed["metadata"], changed["version"]) == (name, metadata, 2)


@pytest.mark.parametrize("change", [{}, {"name": "Ada"}, {"metadata": {"a": "1"}}])
def test_a_change_that_changes_nothing_answers_with_the_account_as_it_is(
    bank: Bank, stage: Stage, change: dict[str, Any]
) -> None:
    account = bank.open_account(metadata={"a": "1"})
    stage.clock.move(hours=1)
    same = bank.patch(path(account), {"version": 1} | change)
    assert (same.status_code, same.json) == (200, account)


def test_a_change_made_up_for_another_version_is_refused(bank: Bank) -> None:
    account = bank.open_account()
    assert bank.patch(path(account), {"version": 1, "name": "Eve"}).json["version"] == 2
    stale = bank.patch(path(account), {"version": 1, "name": "Bob"})
    problem = assert_problem(stale, 409, "version-conflict")
    assert (problem["account_id"], problem["version"]) == (account["id"], 2)
    assert bank.get(path(account))["name"] == "Eve"


def test_freezing_counts_as_a_change_and_moving_money_does_not(bank: Bank) -> None:
    wallet = bank.a_wallet(100)
    account = {"id": bank.account_of(wallet)}
    assert bank.patch(path(account), {"version": 1, "name": "Eve"}).status_code == 200
    bank.change_status(account["id"], "freeze")
    assert_problem(bank.patch(path(account), {"version": 2}), 409, "version-conflict")


WRONG_CHANGES: dict[str, tuple[Any, list[str]]] = {
    "nothing": ({}, ["/version"]),
    "no version": ({"name": "Eve"}, ["/version"]),
    "a version as a string": ({"version": "1"}, ["/version"]),
    "a version with a point": ({"version": 1.0}, ["/version"]),
    "version true": ({"version": True}, ["/version"]),
    "version null": ({"version": None}, ["/version"]),
    "version 0": ({"version": 0}, ["/version"]),
    "a version beyond all": ({"version": 2**53}, ["/version"]),
    "name null": ({"version": 1, "name": None}, ["/name"]),
    "no name": ({"version": 1, "name": ""}, ["/name"]),
    "a blank name": ({"version": 1, "name": " "}, ["/name"]),
    "metadata null": ({"version": 1, "metadata": None}, ["/metadata"]),
    "a null in metadata": ({"version": 1, "metadata": {"a": None}}, ["/metadata/a"]),
    "a reference": ({"version": 1, "reference": "r"}, ["/reference"]),
    "a status": ({"version": 1, "status": "frozen"}, ["/status"]),
    "an id": ({"version": 1, "id": NOBODY}, ["/id"]),
}


@pytest.mark.parametrize(("body", "pointers"), WRONG_CHANGES.values(), ids=WRONG_CHANGES)
def test_a_wrong_change_is_named(memory_bank: Bank, body: Any, pointers: list[str]) -> None:
    account = memory_bank.open_account()
    answer = memory_bank.patch(path(account), body)
    problem = assert_problem(answer, 422, "validation-failed")
    assert [error["pointer"] for error in problem["errors"]] == pointers
    assert memory_bank.get(path(account)) == account


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        (b"", "application/json", 400, "malformed-json"),
        (b"[]", "application/json", 400, "malformed-json"),
        (b'{"version": 1, "version": 2}', "application/json", 400, "malformed-json"),
        (b'{"version": 1}', "text/plain", 415, "unsupported-media-type"),
        (b'{"name": "' + b"x" * 65536 + b'"}', "application/json", 413, "body-too-large"),
    ],
)
def test_a_change_that_cannot_be_read_is_refused(
    memory_bank: Bank, data: bytes, content_type: str, status: int, code: str
) -> None:
    account = memory_bank.open_account()
    answer = memory_bank.client.patch(path(account), data=data, content_type=content_type)
    assert_problem(answer, status, code)


@pytest.mark.parametrize(
    ("step", "status"), [("freeze", "frozen"), ("unfreeze", "active"), ("close", "closed")]
)
def test_a_step_answers_with_the_account_as_it_is_then(
    bank: Bank, stage: Stage, step: str, status: str
) -> None:
    account = bank.open_account()
    bank.post(path(account, "wallets"), {"currency": "EUR"})
    if step == "unfreeze":
        bank.change_status(account["id"], "freeze")
    before = bank.get(path(account))
    stage.clock.move(hours=1)
    answer = bank.client.post(path(account, step))
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    assert answer.json == before | {
        "status": status,
        "version": before["version"] + 1,
        "updated_at": LATER,
        "wallets": [
            wallet | {"status": status, "updated_at": LATER} for wallet in before["wallets"]
        ],
    }
    got = bank.client.get(path(account))
    assert (got.data, got.headers["ETag"]) == (answer.data, answer.headers["ETag"])
    wallets = bank.get("/v1/wallets", account_id=account["id"])["data"]
    assert list(reversed(wallets)) == answer.json["wallets"]


@pytest.mark.parametrize("step", ["freeze", "unfreeze", "close"])
def test_what_is_so_already_is_answered_without_a_new_version(
    bank: Bank, stage: Stage, step: str
) -> None:
    account = bank.open_account()
    first = bank.change_status(account["id"], step)
    stage.clock.move(hours=1)
    assert bank.change_status(account["id"], step) == first


@pytest.mark.parametrize("body", [None, {}])
def test_a_step_needs_neither_key_nor_body(memory_bank: Bank, body: Any) -> None:
    account = memory_bank.open_account()
    assert memory_bank.client.post(path(account, "freeze"), json=body).status_code == 200


def test_a_step_takes_no_fields(memory_bank: Bank) -> None:
    account = memory_bank.open_account()
    answer = memory_bank.client.post(path(account, "freeze"), json={"version": 1})
    problem = assert_problem(answer, 422, "validation-failed")
    assert [error["pointer"] for error in problem["errors"]] == ["/version"]
    assert memory_bank.get(path(account)) == account


def test_money_may_enter_a_frozen_account_and_none_may_leave_it(bank: Bank) -> None:
    ada, bob = bank.a_wallet(100), bank.a_wallet(100)
    hold = bank.a_hold(ada, 10)
    bank.change_status(bank.account_of(ada), "freeze")
    out = {"wallet_id": ada, "amount": 5, "currency": "USD"}
    refused = [
        bank.post("/v1/withdrawals", out),
        bank.post("/v1/transfers", a_transfer(ada, bob)),
        bank.post("/v1/holds", out),
        bank.post(f"/v1/holds/{hold['id']}/captures", {}),
    ]
    for answer in refused:
        assert assert_problem(answer, 409, "account-frozen")["wallet_id"] == ada
    assert bank.transfer(bob, ada).status_code == 201
    assert bank.post("/v1/replenishments", out).status_code == 201
    assert bank.client.post(f"/v1/holds/{hold['id']}/void").status_code == 200
    assert (bank.balance(ada), bank.balance(bob)) == (205, 0)
    bank.change_status(bank.account_of(ada), "unfreeze")
    assert bank.post("/v1/withdrawals", out).status_code == 201


def test_nothing_moves_on_a_closed_account(bank: Bank) -> None:
    ada, bob = bank.a_wallet(), bank.a_wallet(100)
    account = {"id": bank.account_of(ada)}
    bank.change_status(account["id"], "close")
    refused = [
        bank.post("/v1/replenishments", {"wallet_id": ada, "amount": 5, "currency": "USD"}),
        bank.post("/v1/transfers", a_transfer(bob, ada)),
        bank.client.post(path(account, "freeze")),
        bank.client.post(path(account, "unfreeze")),
        bank.post(path(account, "wallets"), {"currency": "EUR"}),
        bank.patch(f"/v1/wallets/{ada}", {"overdraft_limit": 5}),
    ]
    for answer in refused:
        assert_problem(answer, 409, "account-closed")
    forgotten = bank.patch(path(account), {"version": 2, "name": "N. N.", "metadata": {}})
    assert (forgotten.status_code, forgotten.json["name"]) == (200, "N. N.")


NOT_EMPTY: dict[str, tuple[Callable[[Bank, str], Any], int, int]] = {
    "money": (lambda b, w: b.post("/v1/replenishments", _usd(w, 7)), 7, 0),
    "a debt": (lambda b, w: b.post("/v1/withdrawals", _usd(w, 7)), -7, 0),
    "a hold": (lambda b, w: b.a_hold(w, 7), 0, 7),
}


def _usd(wallet_id: str, amount: int) -> dict[str, Any]:
    return {"wallet_id": wallet_id, "amount": amount, "currency": "USD"}


@pytest.mark.parametrize(("act", "balance", "held"), NOT_EMPTY.values(), ids=NOT_EMPTY)
def test_an_account_is_not_closed_over(
    bank: Bank, act: Callable[[Bank, str], Any], balance: int, held: int
) -> None:
    account = bank.open_account()
    wallet = account["wallets"][0]["id"]
    bank.patch(f"/v1/wallets/{wallet}", {"overdraft_limit": 50})
    act(bank, wallet)
    before = bank.everything()
    problem = assert_problem(bank.client.post(path(account, "close")), 409, "account-not-empty")
    assert (problem["wallet_id"], problem["balance"], problem["held"]) == (wallet, balance, held)
    assert bank.everything() == before


def _freeze(bank: Bank, account: dict[str, Any]) -> TestResponse:
    return bank.post(path(account, "freeze"), {}, key="k")


def _close(bank: Bank, account: dict[str, Any]) -> TestResponse:
    return bank.post(path(account, "close"), {}, key="k")


def _rename(bank: Bank, account: dict[str, Any]) -> TestResponse:
    body = {"version": 1, "name": "Eve", "metadata": {"zz": "1", "b": "2"}}
    return bank.patch(path(account), body, key="k")


@pytest.mark.parametrize("send", [_freeze, _close, _rename])
def test_a_repeated_step_gets_the_first_answer_again(
    bank: Bank, send: Callable[[Bank, dict[str, Any]], TestResponse]
) -> None:
    account = bank.open_account()
    first = send(bank, account)
    bank.patch(path(account), {"version": 2, "name": "Later"})
    again = send(bank, account)
    assert (again.status_code, again.data) == (200, first.data)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    shown = bank.get(path(account))
    assert (shown["name"], shown["version"]) == ("Later", 3)


def test_a_repeated_refusal_is_the_same_although_it_would_succeed_now(bank: Bank) -> None:
    wallet = bank.a_wallet(7)
    account = {"id": bank.account_of(wallet)}
    first = _close(bank, account)
    assert bank.post("/v1/withdrawals", _usd(wallet, 7)).status_code == 201
    again = _close(bank, account)
    assert_problem(again, 409, "account-not-empty")
    assert (again.data, again.headers["Idempotency-Replayed"]) == (first.data, "true")
    assert bank.change_status(account["id"], "close")["status"] == "closed"


def test_what_was_frozen_has_another_tag(bank: Bank) -> None:
    account = bank.open_account()
    wallet = f"/v1/wallets/{account['wallets'][0]['id']}"
    tags = {each: bank.client.get(each).headers["ETag"] for each in (path(account), wallet)}
    bank.change_status(account["id"], "freeze")
    for each, tag in tags.items():
        changed = bank.client.get(each, headers={"If-None-Match": tag})
        assert (changed.status_code, changed.json["status"]) == (200, "frozen")


@pytest.mark.parametrize("step", ["freeze", "unfreeze", "close", "wallets"])
def test_a_step_is_posted_and_not_put(memory_bank: Bank, step: str) -> None:
    account = memory_bank.open_account()
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answer = memory_bank.client.open(path(account, step), method=method)
        assert_problem(answer, 405, "method-not-allowed")
        assert "POST" in answer.headers["Allow"]
