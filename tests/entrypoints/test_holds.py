"""Holds over HTTP: how they are placed, captured, voided, read, refused."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.wallet import external_wallet_id
from tests.entrypoints.bank import NOBODY, Bank, assert_problem
from tests.stage import Stage

SYSTEM = str(external_wallet_id("USD"))
SOON = "2026-01-01T00:01:00Z"


def captures(hold: dict[str, Any]) -> str:
    return f"/v1/holds/{hold['id']}/captures"


def void(hold: dict[str, Any]) -> str:
    return f"/v1/holds/{hold['id']}/void"


def money(bank: Bank, wallet: str) -> tuple[int, int, int]:
    shown = bank.get(f"/v1/wallets/{wallet}")
    return shown["balance"], shown["held"], shown["available"]


def test_a_hold_is_placed_and_shown(bank: Bank) -> None:
    ada, bob = bank.a_wallet(500), bank.a_wallet()
    body = {
        "wallet_id": ada,
        "destination_wallet_id": bob,
        "amount": 120,
        "currency": "USD",
        "expires_at": "2026-01-02T03:04:05.678+01:00",
        "reference": "room 7",
        "description": "Two nights",
        "metadata": {"b": "2", "a": "1"},
    }
    placed = bank.post("/v1/holds", body)
    hold = placed.json
    assert placed.status_code == 201
    assert placed.headers["Location"] == f"/v1/holds/{hold['id']}"
    assert hold == body | {
        "id": hold["id"],
        "captured": 0,
        "remaining": 120,
        "status": "pending",
        "expires_at": "2026-01-02T02:04:05.678000Z",
        "created_at": "2026-01-01T00:00:00.000000Z",
        "updated_at": "2026-01-01T00:00:00.000000Z",
    }
    got = bank.client.get(placed.headers["Location"])
    assert (got.json, got.headers["ETag"]) == (hold, placed.headers["ETag"])
    assert money(bank, ada) == (500, 120, 380)


def test_a_hold_that_did_not_change_is_not_sent_again(bank: Bank, stage: Stage) -> None:
    hold = bank.a_hold(bank.a_wallet(100), expires_at=SOON)
    path = f"/v1/holds/{hold['id']}"
    tag = {"If-None-Match": bank.client.get(path).headers["ETag"]}
    assert bank.client.get(path, headers=tag).status_code == 304
    stage.clock.move(minutes=1)
    expired = bank.client.get(path, headers=tag)
    assert (expired.status_code, expired.json["status"]) == (200, "expired")
    assert expired.json["updated_at"] == "2026-01-01T00:01:00.000000Z"


def test_nothing_is_needed_to_capture_all_but_a_key(bank: Bank) -> None:
    ada = bank.a_wallet(100)
    hold = bank.a_hold(ada, 80)
    headers = {"Idempotency-Key": "a"}
    captured = bank.client.post(captures(hold), headers=headers)
    assert captured.status_code == 201
    assert captured.headers["Location"] == f"/v1/transactions/{captured.json['id']}"
    assert (captured.json["type"], captured.json["hold_id"]) == ("capture", hold["id"])
    assert [posting["amount"] for posting in captured.json["postings"]] == [-80, 80]
    assert captured.json["postings"][1]["wallet_id"] == SYSTEM
    again = bank.client.post(captures(hold), json={}, headers=headers)
    assert (again.status_code, again.data) == (201, captured.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert money(bank, ada) == (20, 0, 20)
    assert_problem(bank.client.post(captures(hold)), 400, "idempotency-key-required")


def test_a_body_that_is_sent_is_read_though_none_is_needed(bank: Bank) -> None:
    hold = bank.a_hold(bank.a_wallet(100), 80)
    headers = {"Idempotency-Key": "a"}
    wrong = bank.client.post(captures(hold), data='{"amount": 1}', headers=headers)
    assert_problem(wrong, 415, "unsupported-media-type")
    headers["Content-Type"] = "application/json"
    broken = bank.client.post(captures(hold), data="{", headers=headers)
    assert_problem(broken, 400, "malformed-json")
    unmeasured = {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "CONTENT_LENGTH": "",
        "wsgi.input_terminated": True,
    }
    made = bank.client.post(
        captures(hold), data=b'{"amount": 7}', headers=headers, environ_overrides=unmeasured
    )
    assert made.json["postings"][0]["amount"] == -7


def test_a_hold_is_captured_in_parts_to_several_wallets(bank: Bank) -> None:
    ada, bob, eve = bank.a_wallet(100), bank.a_wallet(), bank.a_wallet()
    hold = bank.a_hold(ada, 80)
    first = {"amount": 30, "final": False, "destination_wallet_id": bob, "reference": "part-1"}
    assert bank.post(captures(hold), first).status_code == 201
    assert money(bank, ada) == (70, 50, 20)
    assert (
        bank.post(captures(hold), {"amount": 10, "destination_wallet_id": eve}).status_code == 201
    )
    assert money(bank, ada) == (60, 0, 60)
    assert (bank.balance(bob), bank.balance(eve)) == (30, 10)
    shown = bank.get(f"/v1/holds/{hold['id']}")
    assert (shown["status"], shown["captured"], shown["remaining"]) == ("captured", 40, 0)
    found = bank.get("/v1/transactions", hold_id=hold["id"])["data"]
    assert [each["postings"][0]["amount"] for each in found] == [-10, -30]
    assert [each["type"] for each in bank.get("/v1/transactions", type="capture")["data"]] == [
        "capture",
        "capture",
    ]


def test_voiding_shows_the_hold_as_it_is_then(bank: Bank) -> None:
    ada = bank.a_wallet(100)
    hold = bank.a_hold(ada, 80)
    voided = bank.client.post(void(hold), headers={"Idempotency-Key": "v"})
    assert voided.status_code == 200
    assert voided.json == hold | {"status": "voided", "remaining": 0}
    assert "Location" not in voided.headers
    assert voided.headers["ETag"] == bank.client.get(f"/v1/holds/{hold['id']}").headers["ETag"]
    again = bank.client.post(void(hold), json={}, headers={"Idempotency-Key": "v"})
    assert (again.status_code, again.data) == (200, voided.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert money(bank, ada) == (100, 0, 100)
    too_late = assert_problem(bank.client.post(void(hold)), 409, "hold-not-pending")
    assert (too_late["hold_id"], too_late["hold_status"]) == (hold["id"], "voided")


def test_a_dry_run_shows_what_a_hold_would_be(bank: Bank) -> None:
    ada = bank.a_wallet(100)
    body = {"wallet_id": ada, "amount": 80, "currency": "USD", "dry_run": True}
    shown = bank.client.post("/v1/holds", json=body)
    assert (shown.status_code, shown.json["id"], shown.json["remaining"]) == (200, None, 80)
    assert money(bank, ada) == (100, 0, 100)
    hold = bank.a_hold(ada, 80)
    dry = bank.client.post(captures(hold), json={"dry_run": True})
    assert (dry.status_code, dry.json["hold_id"]) == (200, hold["id"])
    assert money(bank, ada) == (100, 80, 20)


def test_holds_are_listed_by_wallet_status_or_reference(bank: Bank) -> None:
    ada, bob = bank.a_wallet(100), bank.a_wallet(100)
    first, second = bank.a_hold(ada, 1, reference="room 7"), bank.a_hold(ada, 2)
    other = bank.a_hold(bob, 3)
    bank.client.post(void(second))
    listed = {
        "all": {},
        "on one wallet": {"wallet_id": ada},
        "pending": {"status": "pending"},
        "both": {"wallet_id": ada, "status": "voided"},
        "reference": {"reference": "room 7"},
        "nobody": {"wallet_id": NOBODY},
    }
    found = {
        name: [hold["id"] for hold in bank.get("/v1/holds", **query)["data"]]
        for name, query in listed.items()
    }
    assert found == {
        "all": [other["id"], second["id"], first["id"]],
        "on one wallet": [second["id"], first["id"]],
        "pending": [other["id"], first["id"]],
        "both": [second["id"]],
        "reference": [first["id"]],
        "nobody": [],
    }
    page = bank.get("/v1/holds", limit=2)
    rest = bank.get("/v1/holds", limit=2, cursor=page["next_cursor"])
    assert [hold["id"] for hold in rest["data"]] == [first["id"]]
    assert rest["next_cursor"] is None


Request = tuple[str, Any]
Case = Callable[[Bank], Request]


def _placed(bank: Bank, **change: Any) -> Request:
    body = {"wallet_id": bank.a_wallet(100), "amount": 80, "currency": "USD"}
    return "/v1/holds", body | change


def _for_itself(bank: Bank) -> Request:
    path, body = _placed(bank)
    return path, body | {"destination_wallet_id": body["wallet_id"]}


def _taken(bank: Bank) -> Request:
    bank.a_hold(bank.a_wallet(5), 1, reference="room 7")
    return _placed(bank, reference="room 7")


def _captured(bank: Bank, hold: dict[str, Any] | None = None, **body: Any) -> Request:
    return captures(bank.a_hold(bank.a_wallet(100), 80) | (hold or {})), body


def _captured_elsewhere(bank: Bank) -> Request:
    hold = bank.a_hold(bank.a_wallet(100), 80, destination_wallet_id=bank.a_wallet())
    return captures(hold), {"destination_wallet_id": bank.a_wallet()}


def _captured_twice(bank: Bank) -> Request:
    path, body = _captured(bank)
    assert bank.post(path, body).status_code == 201
    return path, body


def _captured_for_itself(bank: Bank) -> Request:
    wallet = bank.a_wallet(100)
    return captures(bank.a_hold(wallet)), {"destination_wallet_id": wallet}


def _captured_into_another_currency(bank: Bank) -> Request:
    return _captured(bank, destination_wallet_id=bank.a_wallet(currency="EUR"))


REFUSALS: dict[str, tuple[int, str, Case]] = {
    "more than is available": (422, "insufficient-funds", lambda b: _placed(b, amount=101)),
    "no such wallet": (404, "wallet-not-found", lambda b: _placed(b, wallet_id=NOBODY)),
    "no such destination": (
        404, "wallet-not-found", lambda b: _placed(b, destination_wallet_id=NOBODY),
    ),
    "a system wallet": (422, "system-wallet", lambda b: _placed(b, wallet_id=SYSTEM)),
    "another currency": (422, "currency-mismatch", lambda b: _placed(b, currency="EUR")),
    "no currency": (422, "currency-not-enabled", lambda b: _placed(b, currency="XQX")),
    "for itself": (422, "same-wallet", _for_itself),
    "over before it begins": (
        409, "hold-expired", lambda b: _placed(b, expires_at="2026-01-01T00:00:00Z"),
    ),
    "reference taken": (409, "reference-taken", _taken),
    "an instant without a zone": (
        422, "validation-failed", lambda b: _placed(b, expires_at="2027-01-01T00:00:00"),
    ),
    "nothing": (422, "validation-failed", lambda b: _placed(b, amount=0)),
    "capture of no hold": (404, "hold-not-found", lambda b: _captured(b, {"id": NOBODY})),
    "capture of what is no id": (404, "hold-not-found", lambda b: _captured(b, {"id": "7"})),
    "more than remains": (422, "exceeds-hold", lambda b: _captured(b, amount=81)),
    "captured elsewhere": (422, "destination-differs", _captured_elsewhere),
    "captured twice": (409, "hold-not-pending", _captured_twice),
    "captured for itself": (422, "same-wallet", _captured_for_itself),
    "captured to nobody": (
        404, "wallet-not-found", lambda b: _captured(b, destination_wallet_id=NOBODY),
    ),
    "captured into another currency": (
        422, "currency-mismatch", _captured_into_another_currency,
    ),
    "final is no word": (422, "validation-failed", lambda b: _captured(b, final="no")),
    "a currency in a capture": (422, "validation-failed", lambda b: _captured(b, currency="USD")),
    "void of no hold": (404, "hold-not-found", lambda _: (f"/v1/holds/{NOBODY}/void", {})),
    "void with an amount": (
        422, "validation-failed", lambda b: (void(b.a_hold(b.a_wallet(100))), {"amount": 1}),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("status", "code", "case"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_has_its_problem_and_changes_nothing(
    bank: Bank, status: int, code: str, case: Case
) -> None:
    path, body = case(bank)
    before = bank.everything()
    assert_problem(bank.post(path, body), status, code)
    assert bank.everything() == before


def test_a_refusal_says_what_remains(bank: Bank) -> None:
    hold = bank.a_hold(bank.a_wallet(100), 80)
    bank.post(captures(hold), {"amount": 30, "final": False})
    problem = bank.post(captures(hold), {"amount": 51}).json
    assert (problem["hold_id"], problem["remaining"]) == (hold["id"], 50)


def test_an_expired_hold_is_refused_by_name_and_its_money_is_free(bank: Bank, stage: Stage) -> None:
    ada = bank.a_wallet(100)
    hold = bank.a_hold(ada, 80, expires_at=SOON)
    stage.clock.move(minutes=1)
    assert money(bank, ada) == (100, 0, 100)
    assert [each["id"] for each in bank.get("/v1/holds", status="expired")["data"]] == [hold["id"]]
    assert_problem(bank.post(captures(hold), {}), 409, "hold-expired")
    assert_problem(bank.post(void(hold), {}), 409, "hold-expired")
    assert bank.transfer(ada, bank.a_wallet(), amount=100).status_code == 201
