"""Several wallets of one account over HTTP, with limits that can be changed."""

from typing import Any

import pytest

from domain.wallet import external_wallet_id
from entrypoints.config import Settings
from tests.entrypoints.bank import NOBODY, Bank, assert_problem
from tests.entrypoints.contract import contract_client
from tests.stage import Stage, a_stage

MAX = 9_007_199_254_740_991
SYSTEM = str(external_wallet_id("USD"))


def wallets_of(account: dict[str, Any]) -> str:
    return f"/v1/accounts/{account['id']}/wallets"


def _usd(wallet_id: str, amount: int) -> dict[str, Any]:
    return {"wallet_id": wallet_id, "amount": amount, "currency": "USD"}


# Several wallets.


def test_a_wallet_is_opened_in_another_currency(bank: Bank) -> None:
    account = bank.open_account()
    body = {"currency": "EUR", "overdraft_limit": 50, "max_balance": 90}
    opened = bank.post(wallets_of(account), body)
    wallet = opened.json
    assert opened.status_code == 201
    assert opened.headers["Location"] == f"/v1/wallets/{wallet['id']}"
    assert wallet == body | {
        "id": wallet["id"],
        "account_id": account["id"],
        "status": "active",
        "balance": 0,
        "held": 0,
        "available": 0,
        "wallet_version": 0,
        "created_at": "2026-01-01T00:00:00.000000Z",
        "updated_at": "2026-01-01T00:00:00.000000Z",
    }
    got = bank.client.get(opened.headers["Location"])
    assert (got.data, got.headers["ETag"]) == (opened.data, opened.headers["ETag"])
    shown = bank.get(f"/v1/accounts/{account['id']}")
    assert shown == account | {"wallets": [*account["wallets"], wallet]}
    listed = bank.get("/v1/wallets", account_id=account["id"])["data"]
    assert listed == [wallet, *account["wallets"]]


def test_each_wallet_holds_its_own_money(bank: Bank) -> None:
    account = bank.open_account()
    dollars = account["wallets"][0]["id"]
    euros = bank.post(wallets_of(account), {"currency": "EUR"}).json["id"]
    bank.post("/v1/replenishments", _usd(dollars, 5))
    bank.post("/v1/replenishments", _usd(euros, 7) | {"currency": "EUR"})
    assert (bank.balance(dollars), bank.balance(euros)) == (5, 7)
    wrong = bank.post("/v1/withdrawals", _usd(euros, 1))
    assert_problem(wrong, 422, "currency-mismatch")


def test_a_repeated_wallet_gets_the_first_answer_again(bank: Bank) -> None:
    account = bank.open_account()
    first, again = (bank.post(wallets_of(account), {"currency": "EUR"}, key="k") for _ in range(2))
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(bank.get("/v1/wallets", account_id=account["id"])["data"]) == 2


def test_there_is_one_wallet_for_each_currency(bank: Bank) -> None:
    account = bank.open_account()
    answer = bank.client.post(wallets_of(account), json={"currency": "USD"})
    problem = assert_problem(answer, 409, "wallet-exists")
    assert problem["wallet_id"] == account["wallets"][0]["id"]


WRONG_WALLETS: dict[str, tuple[dict[str, Any], int, str]] = {
    "no currency": ({}, 422, "validation-failed"),
    "a currency in small letters": ({"currency": "eur"}, 422, "validation-failed"),
    "no such currency": ({"currency": "XQX"}, 422, "currency-not-enabled"),
    "one that is not enabled": ({"currency": "BHD"}, 422, "currency-not-enabled"),
    "an overdraft below 0": ({"currency": "EUR", "overdraft_limit": -1}, 422, "validation-failed"),
    "overdraft null": ({"currency": "EUR", "overdraft_limit": None}, 422, "validation-failed"),
    "a maximum below 0": ({"currency": "EUR", "max_balance": -1}, 422, "validation-failed"),
    "a balance": ({"currency": "EUR", "balance": 5}, 422, "validation-failed"),
}


@pytest.mark.parametrize(("body", "status", "code"), WRONG_WALLETS.values(), ids=WRONG_WALLETS)
def test_a_wallet_that_cannot_be_is_not_opened(
    bank: Bank, body: dict[str, Any], status: int, code: str
) -> None:
    account = bank.open_account()
    assert_problem(bank.post(wallets_of(account), body), status, code)
    assert bank.get(f"/v1/accounts/{account['id']}") == account


# Limits.


def test_limits_change_and_the_rest_stays(bank: Bank, stage: Stage) -> None:
    wallet = bank.get(f"/v1/wallets/{bank.a_wallet(100)}")
    path = f"/v1/wallets/{wallet['id']}"
    stage.clock.move(hours=1)
    changed = bank.patch(path, {"overdraft_limit": 50})
    later = {"updated_at": "2026-01-01T01:00:00.000000Z"}
    assert changed.status_code == 200
    assert changed.json == wallet | {"overdraft_limit": 50} | later
    got = bank.client.get(path)
    assert (got.data, got.headers["ETag"]) == (changed.data, changed.headers["ETag"])
    both = bank.patch(path, {"max_balance": 100}).json
    assert both == wallet | {"overdraft_limit": 50, "max_balance": 100} | later
    assert bank.patch(path, {"max_balance": None}).json == changed.json
    assert bank.get(f"/v1/accounts/{wallet['account_id']}")["wallets"] == [changed.json]


@pytest.mark.parametrize("body", [{}, {"overdraft_limit": 0}, {"max_balance": None}])
def test_a_change_that_changes_nothing_answers_with_the_wallet_as_it_is(
    bank: Bank, stage: Stage, body: dict[str, Any]
) -> None:
    path = f"/v1/wallets/{bank.a_wallet(100)}"
    before = bank.client.get(path)
    stage.clock.move(hours=1)
    same = bank.patch(path, body)
    assert (same.status_code, same.data) == (200, before.data)
    assert same.headers["ETag"] == before.headers["ETag"]


def test_the_overdraft_can_be_spent_and_no_more(bank: Bank) -> None:
    wallet = bank.a_wallet(100)
    bank.patch(f"/v1/wallets/{wallet}", {"overdraft_limit": 50})
    bank.a_hold(wallet, 30)
    assert_problem(bank.post("/v1/withdrawals", _usd(wallet, 121)), 422, "insufficient-funds")
    assert bank.post("/v1/withdrawals", _usd(wallet, 120)).status_code == 201
    shown = bank.get(f"/v1/wallets/{wallet}")
    assert (shown["balance"], shown["held"], shown["available"]) == (-20, 30, -50)


def test_a_wallet_takes_its_maximum_and_no_more(bank: Bank) -> None:
    wallet = bank.a_wallet(90)
    bank.patch(f"/v1/wallets/{wallet}", {"max_balance": 100})
    over = bank.post("/v1/replenishments", _usd(wallet, 11))
    assert assert_problem(over, 422, "balance-limit-exceeded")["limit"] == 100
    assert bank.post("/v1/replenishments", _usd(wallet, 10)).status_code == 201


def test_limits_that_the_wallet_is_beyond_are_refused(bank: Bank) -> None:
    wallet = bank.a_wallet(10)
    path = f"/v1/wallets/{wallet}"
    bank.patch(path, {"overdraft_limit": 50})
    bank.a_hold(wallet, 40)
    before = bank.everything()
    low = assert_problem(bank.patch(path, {"overdraft_limit": 29}), 422, "insufficient-funds")
    assert (low["wallet_id"], low["available"]) == (wallet, -30)
    full = assert_problem(bank.patch(path, {"max_balance": 9}), 422, "balance-limit-exceeded")
    assert (full["wallet_id"], full["limit"]) == (wallet, 9)
    both = bank.patch(path, {"max_balance": 9, "overdraft_limit": 29})
    assert_problem(both, 422, "insufficient-funds")
    assert bank.everything() == before
    assert bank.patch(path, {"overdraft_limit": 30, "max_balance": 10}).status_code == 200


def test_a_repeated_change_gets_the_first_answer_again(bank: Bank) -> None:
    path = f"/v1/wallets/{bank.a_wallet(10)}"
    first = bank.patch(path, {"overdraft_limit": 50}, key="k")
    bank.patch(path, {"overdraft_limit": 60})
    again = bank.patch(path, {"overdraft_limit": 50}, key="k")
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert bank.get(path)["overdraft_limit"] == 60


def test_a_system_wallet_has_no_limits(bank: Bank) -> None:
    answer = bank.patch(f"/v1/wallets/{SYSTEM}", {"overdraft_limit": 5})
    assert_problem(answer, 422, "system-wallet")
    assert_problem(bank.patch(f"/v1/wallets/{NOBODY}", {}), 404, "wallet-not-found")


WRONG_LIMITS: dict[str, tuple[str, dict[str, Any]]] = {
    "an overdraft below 0": ("/overdraft_limit", {"overdraft_limit": -1}),
    "an overdraft above 2^53-1": ("/overdraft_limit", {"overdraft_limit": MAX + 1}),
    "an overdraft as a string": ("/overdraft_limit", {"overdraft_limit": "5"}),
    "an overdraft with a point": ("/overdraft_limit", {"overdraft_limit": 5.0}),
    "overdraft true": ("/overdraft_limit", {"overdraft_limit": True}),
    "overdraft null": ("/overdraft_limit", {"overdraft_limit": None}),
    "a maximum below 0": ("/max_balance", {"max_balance": -1}),
    "a maximum above 2^53-1": ("/max_balance", {"max_balance": MAX + 1}),
    "a maximum as a string": ("/max_balance", {"max_balance": "5"}),
    "a balance": ("/balance", {"balance": 5}),
    "a currency": ("/currency", {"currency": "EUR"}),
    "a status": ("/status", {"status": "active"}),
    "a version": ("/version", {"version": 1}),
}


@pytest.mark.parametrize(("pointer", "body"), WRONG_LIMITS.values(), ids=WRONG_LIMITS)
def test_a_wrong_limit_is_named(memory_bank: Bank, pointer: str, body: dict[str, Any]) -> None:
    wallet = memory_bank.a_wallet(10)
    problem = assert_problem(
        memory_bank.patch(f"/v1/wallets/{wallet}", body), 422, "validation-failed"
    )
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_the_largest_limits_are_limits(bank: Bank) -> None:
    wallet = bank.a_wallet(0)
    path = f"/v1/wallets/{wallet}"
    assert bank.patch(path, {"overdraft_limit": MAX, "max_balance": MAX}).status_code == 200
    assert bank.post("/v1/withdrawals", _usd(wallet, MAX)).status_code == 201
    assert_problem(bank.post("/v1/withdrawals", _usd(wallet, 1)), 422, "insufficient-funds")
    assert bank.post("/v1/replenishments", _usd(wallet, MAX)).status_code == 201
    assert bank.post("/v1/replenishments", _usd(wallet, MAX)).status_code == 201
    assert bank.balance(wallet) == MAX


# Currencies.


def a_bank_of(currencies: str) -> Bank:
    return Bank(contract_client(a_stage("memory", currencies=currencies).container.app()))


def test_the_enabled_currencies_are_listed_with_their_exponents() -> None:
    bank = a_bank_of("USD, JPY,BHD,EUR,USD")
    assert bank.get("/v1/currencies") == {
        "data": [
            {"code": "BHD", "exponent": 3},
            {"code": "EUR", "exponent": 2},
            {"code": "JPY", "exponent": 0},
            {"code": "USD", "exponent": 2},
        ],
        "next_cursor": None,
    }


def test_dollars_alone_are_enabled_by_default() -> None:
    assert [each.code for each in Settings(memory=True).enabled_currencies()] == ["USD"]


def test_every_listed_currency_can_be_used_and_no_other(bank: Bank) -> None:
    account = bank.open_account()
    codes = [each["code"] for each in bank.get("/v1/currencies")["data"]]
    assert codes == ["EUR", "JPY", "USD"]
    for code in ("EUR", "JPY"):
        assert bank.post(wallets_of(account), {"currency": code}).status_code == 201
    refused = bank.post(wallets_of(account), {"currency": "BHD"})
    assert_problem(refused, 422, "currency-not-enabled")


def test_the_list_of_currencies_takes_no_query(memory_bank: Bank) -> None:
    answer = memory_bank.client.get("/v1/currencies?limit=5")
    assert_problem(answer, 422, "validation-failed")
