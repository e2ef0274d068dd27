"""On what terms money moves: conditions on wallets, or only as a dry run."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.wallet import external_wallet_id
from tests.entrypoints.bank import NOBODY, Bank, a_journal, a_split, a_transfer, assert_problem

SYSTEM = str(external_wallet_id("USD"))
Request = tuple[str, dict[str, Any]]


def _transfer(bank: Bank) -> Request:
    return "/v1/transfers", a_transfer(bank.a_wallet(1000), bank.a_wallet())


def _replenishment(bank: Bank) -> Request:
    return "/v1/replenishments", {"wallet_id": bank.a_wallet(5), "amount": 7, "currency": "USD"}


def _withdrawal(bank: Bank) -> Request:
    return "/v1/withdrawals", {"wallet_id": bank.a_wallet(50), "amount": 7, "currency": "USD"}


def _hold(bank: Bank) -> Request:
    return "/v1/holds", {"wallet_id": bank.a_wallet(100), "amount": 7, "currency": "USD"}


def _capture(bank: Bank) -> Request:
    return f"/v1/holds/{bank.a_hold(bank.a_wallet(100))['id']}/captures", {"amount": 7}


def _journal(bank: Bank) -> Request:
    return "/v1/transactions", a_journal((bank.a_wallet(1000), -100), (bank.a_wallet(), 100))


def _split(bank: Bank) -> Request:
    shares: list[dict[str, Any]] = [{"wallet_id": bank.a_wallet(), "percent": "33.3"}]
    shares.append({"wallet_id": bank.a_wallet(), "remainder": True})
    return "/v1/splits", a_split(bank.a_wallet(1000), *shares)


def _conversion(bank: Bank) -> Request:
    wallets = {"source_wallet_id": bank.a_wallet(5000)}
    wallets["destination_wallet_id"] = bank.a_wallet(currency="EUR")
    return "/v1/conversions", {"quote_id": bank.a_quote()["id"]} | wallets


def _reversal(bank: Bank) -> Request:
    made = bank.transfer(bank.a_wallet(1000), bank.a_wallet()).json
    return f"/v1/transactions/{made['id']}/reversals", {"amount": 7}


MOVES: dict[str, Callable[[Bank], Request]] = {
    "transfer": _transfer,
    "replenishment": _replenishment,
    "withdrawal": _withdrawal,
    "hold": _hold,
    "capture": _capture,
    "journal": _journal,
    "split": _split,
    "conversion": _conversion,
    "reversal": _reversal,
}
moves = pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)


# A dry run.


@moves
def test_a_dry_run_gives_the_answer_of_the_real_request_without_its_id(
    bank: Bank, move: Callable[[Bank], Request]
) -> None:
    path, body = move(bank)
    dry = bank.post(path, body | {"dry_run": True})
    real = bank.post(path, body | {"dry_run": False})
    assert (dry.status_code, real.status_code) == (200, 201)
    assert dry.json == real.json | {"id": None}
    assert "Location" not in dry.headers


@moves
def test_a_dry_run_does_nothing(bank: Bank, move: Callable[[Bank], Request]) -> None:
    path, body = move(bank)
    before = bank.everything()
    assert bank.post(path, body | {"dry_run": True, "reference": "order-7"}).status_code == 200
    assert bank.everything() == before
    assert bank.post(path, body | {"reference": "order-7"}).status_code == 201


@moves
def test_a_dry_run_needs_no_key_and_uses_none(bank: Bank, move: Callable[[Bank], Request]) -> None:
    path, body = move(bank)
    body["dry_run"] = True
    assert bank.client.post(path, json=body).status_code == 200
    for _ in range(2):
        again = bank.post(path, body, key="order-1")
        assert again.status_code == 200
        assert "Idempotency-Replayed" not in again.headers
    made = bank.post(path, body | {"dry_run": False}, key="order-1")
    assert made.status_code == 201
    assert "Idempotency-Replayed" not in made.headers


def test_a_dry_run_with_a_key_that_is_no_key_does_not_look_at_it(bank: Bank) -> None:
    path, body = _transfer(bank)
    headers = {"Idempotency-Key": "two words"}
    dry = bank.client.post(path, json=body | {"dry_run": True}, headers=headers)
    assert dry.status_code == 200


def test_a_dry_run_is_refused_as_the_real_request_would_be(bank: Bank) -> None:
    body = a_transfer(bank.a_wallet(99), bank.a_wallet())
    dry = assert_problem(
        bank.post("/v1/transfers", body | {"dry_run": True}), 422, "insufficient-funds"
    )
    real = assert_problem(bank.post("/v1/transfers", body), 422, "insufficient-funds")
    assert dry | {"request_id": ""} == real | {"request_id": ""}


def test_a_refusal_of_a_dry_run_is_not_kept(bank: Bank) -> None:
    poor = bank.a_wallet()
    body = a_transfer(poor, bank.a_wallet()) | {"dry_run": True}
    assert bank.post("/v1/transfers", body, key="order-1").status_code == 422
    bank.post("/v1/replenishments", {"wallet_id": poor, "amount": 100, "currency": "USD"})
    assert bank.post("/v1/transfers", body, key="order-1").status_code == 200


def test_a_dry_run_tests_the_conditions(bank: Bank) -> None:
    path, body = _transfer(bank)
    condition = {"wallet_id": body["source_wallet_id"], "available_gte": 1001}
    dry = bank.post(path, body | {"dry_run": True, "conditions": [condition]})
    assert_problem(dry, 409, "condition-failed")


UNMOVED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "an account": ("post", "/v1/accounts", {"name": "Ada"}),
    "a new name": ("patch", f"/v1/accounts/{NOBODY}", {"version": 1}),
    "a freeze": ("post", f"/v1/accounts/{NOBODY}/freeze", {}),
    "an unfreeze": ("post", f"/v1/accounts/{NOBODY}/unfreeze", {}),
    "a close": ("post", f"/v1/accounts/{NOBODY}/close", {}),
    "a wallet": ("post", f"/v1/accounts/{NOBODY}/wallets", {"currency": "EUR"}),
    "limits": ("patch", f"/v1/wallets/{NOBODY}", {"max_balance": 5}),
}
TERMS: list[dict[str, Any]] = [{"dry_run": True}, {"conditions": []}]


@pytest.mark.parametrize(("method", "path", "body"), UNMOVED.values(), ids=UNMOVED)
@pytest.mark.parametrize("term", TERMS, ids=["dry", "on conditions"])
def test_what_moves_no_money_takes_no_terms(
    memory_bank: Bank, method: str, path: str, body: dict[str, Any], term: dict[str, Any]
) -> None:
    answer = memory_bank.client.open(path, method=method.upper(), json=body | term)
    problem = assert_problem(answer, 422, "validation-failed")
    assert [each["pointer"] for each in problem["errors"]] == [f"/{next(iter(term))}"]


# Conditions.


@moves
def test_what_moves_under_a_condition_that_holds_has_moved(
    bank: Bank, move: Callable[[Bank], Request]
) -> None:
    path, body = move(bank)
    other = bank.a_wallet(10)
    conditions = [
        {"wallet_id": other, "available_gte": 10, "wallet_version": 1},
        {"wallet_id": other, "wallet_version": 1},
    ]
    assert bank.post(path, body | {"conditions": conditions}).status_code == 201


@moves
def test_nothing_moves_when_one_of_the_conditions_fails(
    bank: Bank, move: Callable[[Bank], Request]
) -> None:
    path, body = move(bank)
    other = bank.a_wallet(10)
    conditions = [
        {"wallet_id": other, "available_gte": 10},
        {"wallet_id": other, "wallet_version": 2},
    ]
    before = bank.everything()
    answer = bank.post(path, body | {"conditions": conditions})
    problem = assert_problem(answer, 409, "condition-failed")
    assert (problem["wallet_id"], problem["wallet_version"]) == (other, 1)
    assert bank.everything() == before


def test_a_failed_condition_is_answered_again_even_when_it_would_hold_now(bank: Bank) -> None:
    path, body = _transfer(bank)
    body["conditions"] = [{"wallet_id": body["destination_wallet_id"], "available_gte": 1}]
    assert_problem(bank.post(path, body, key="order-1"), 409, "condition-failed")
    wallet = {"wallet_id": body["destination_wallet_id"], "amount": 1, "currency": "USD"}
    bank.post("/v1/replenishments", wallet)
    again = bank.post(path, body, key="order-1")
    assert_problem(again, 409, "condition-failed")
    assert again.headers["Idempotency-Replayed"] == "true"


def test_what_was_done_under_a_condition_is_answered_again_when_it_no_longer_holds(
    bank: Bank,
) -> None:
    path, body = _transfer(bank)
    body["conditions"] = [{"wallet_id": body["source_wallet_id"], "wallet_version": 1}]
    first, again = (bank.post(path, body, key="order-1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert bank.balance(body["source_wallet_id"]) == 900


def test_the_same_key_with_another_condition_is_another_request(bank: Bank) -> None:
    path, body = _transfer(bank)
    condition = {"wallet_id": body["source_wallet_id"], "available_gte": 1}
    assert bank.post(path, body | {"conditions": [condition]}, key="order-1").status_code == 201
    other = [condition | {"available_gte": 2}]
    assert_problem(
        bank.post(path, body | {"conditions": other}, key="order-1"), 422, "idempotency-key-reused"
    )


PRECEDENCE = [
    ({"wallet_id": "x", "available_gte": 1}, 422, "validation-failed"),
    ({"wallet_id": NOBODY, "available_gte": 1}, 404, "wallet-not-found"),
    ({"wallet_id": SYSTEM, "available_gte": 1}, 422, "system-wallet"),
    ({"available_gte": 100}, 409, "condition-failed"),
    ({"available_gte": 99}, 422, "insufficient-funds"),
]


@pytest.mark.parametrize(("condition", "status", "code"), PRECEDENCE)
def test_conditions_are_checked_after_the_syntax_and_before_the_rules(
    bank: Bank, condition: dict[str, Any], status: int, code: str
) -> None:
    poor = bank.a_wallet(99)
    body = a_transfer(poor, bank.a_wallet())
    condition = {"wallet_id": poor} | condition
    assert_problem(bank.post("/v1/transfers", body | {"conditions": [condition]}), status, code)


FAULTS: list[tuple[Any, str]] = [
    (None, "/conditions"),
    ({}, "/conditions"),
    ([{}], "/conditions/0/wallet_id"),
    ([7], "/conditions/0"),
    ([{"wallet_id": NOBODY}], "/conditions/0"),
    ([{"wallet_id": NOBODY, "available_gte": 1.0}], "/conditions/0/available_gte"),
    ([{"wallet_id": NOBODY, "available_gte": "1"}], "/conditions/0/available_gte"),
    ([{"wallet_id": NOBODY, "available_gte": 2**53}], "/conditions/0/available_gte"),
    ([{"wallet_id": NOBODY, "wallet_version": -1}], "/conditions/0/wallet_version"),
    ([{"wallet_id": NOBODY, "wallet_version": True}], "/conditions/0/wallet_version"),
    ([{"wallet_id": NOBODY, "available_lte": 1}], "/conditions/0/available_lte"),
    ([{"wallet_id": NOBODY, "wallet_version": 1}] * 51, "/conditions"),
]


@pytest.mark.parametrize(("conditions", "pointer"), FAULTS)
def test_a_condition_that_says_nothing_sensible_is_refused(
    memory_bank: Bank, conditions: Any, pointer: str
) -> None:
    body = a_transfer(NOBODY, NOBODY) | {"conditions": conditions}
    answer = memory_bank.post("/v1/transfers", body)
    problem = assert_problem(answer, 422, "validation-failed")
    assert [each["pointer"] for each in problem["errors"]] == [pointer]


@pytest.mark.parametrize("flag", [None, 0, 1, "true", "false", "", []])
def test_dry_run_is_true_or_false(memory_bank: Bank, flag: Any) -> None:
    body = a_transfer(NOBODY, NOBODY) | {"dry_run": flag}
    answer = memory_bank.post("/v1/transfers", body)
    problem = assert_problem(answer, 422, "validation-failed")
    assert [each["pointer"] for each in problem["errors"]] == ["/dry_run"]
