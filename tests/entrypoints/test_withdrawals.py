"""Withdrawals over HTTP: money that leaves the books."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.wallet import external_wallet_id
from tests.entrypoints.bank import NOBODY, Bank, assert_problem

SYSTEM = str(external_wallet_id("USD"))
PATH = "/v1/withdrawals"
Case = Callable[[Bank], dict[str, Any]]


def a_withdrawal(wallet_id: str, **change: Any) -> dict[str, Any]:
    return {"wallet_id": wallet_id, "amount": 100, "currency": "USD"} | change


def test_a_withdrawal_is_paid_out_and_shown(bank: Bank) -> None:
    ada = bank.a_wallet(250)
    more = {"reference": "payout-1", "description": "To the bank", "metadata": {"b": "2", "a": "1"}}
    made = bank.post(PATH, a_withdrawal(ada, **more))
    assert made.status_code == 201
    assert made.headers["Location"] == f"/v1/transactions/{made.json['id']}"
    assert (made.json["type"], made.json["reverses"]) == ("withdrawal", None)
    assert {name: made.json[name] for name in more} == more
    assert made.json["postings"] == [
        {"wallet_id": ada, "amount": -100, "currency": "USD", "balance_after": 150,
         "wallet_version": 2},
        {"wallet_id": SYSTEM, "amount": 100, "currency": "USD", "balance_after": None,
         "wallet_version": None},
    ]  # fmt: skip
    assert bank.get(made.headers["Location"]) == made.json
    assert bank.get("/v1/transactions", type="withdrawal")["data"] == [made.json]
    assert bank.get(f"/v1/wallets/{ada}/postings")["data"][0]["type"] == "withdrawal"
    assert bank.balance(ada) == 150


def test_a_repeated_withdrawal_gets_the_first_answer_again(bank: Bank) -> None:
    ada = bank.a_wallet(250)
    first, again = (bank.post(PATH, a_withdrawal(ada), key="k") for _ in range(2))
    assert (again.status_code, again.data) == (201, first.data)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert bank.balance(ada) == 150


def test_a_wallet_of_another_currency_pays_out_in_that(bank: Bank) -> None:
    yen = bank.a_wallet(5000, currency="JPY")
    made = bank.post(PATH, a_withdrawal(yen, currency="JPY"))
    assert made.json["postings"][1]["wallet_id"] == str(external_wallet_id("JPY"))
    assert bank.balance(yen) == 4900


def _of(status: str) -> Case:
    def case(bank: Bank) -> dict[str, Any]:
        wallet = bank.a_wallet(0 if status == "close" else 500)
        bank.change_status(bank.account_of(wallet), status)
        return a_withdrawal(wallet)

    return case


def _taken(bank: Bank) -> dict[str, Any]:
    body = a_withdrawal(bank.a_wallet(500), reference="payout-1")
    assert bank.post(PATH, body).status_code == 201
    return body


def _held(bank: Bank) -> dict[str, Any]:
    wallet = bank.a_wallet(150)
    bank.a_hold(wallet, 51)
    return a_withdrawal(wallet)


REFUSALS: dict[str, tuple[int, str, Case]] = {
    "more than there is": (422, "insufficient-funds", lambda b: a_withdrawal(b.a_wallet(99))),
    "what is held": (422, "insufficient-funds", _held),
    "no such wallet": (404, "wallet-not-found", lambda _: a_withdrawal(NOBODY)),
    "the system's wallet": (422, "system-wallet", lambda _: a_withdrawal(SYSTEM)),
    "another currency": (
        422, "currency-mismatch", lambda b: a_withdrawal(b.a_wallet(500), currency="EUR"),
    ),
    "no currency": (
        422, "currency-not-enabled", lambda b: a_withdrawal(b.a_wallet(500), currency="XQX"),
    ),
    "a frozen account": (409, "account-frozen", _of("freeze")),
    "a closed account": (409, "account-closed", _of("close")),
    "reference taken": (409, "reference-taken", _taken),
    "nothing": (422, "validation-failed", lambda b: a_withdrawal(b.a_wallet(500), amount=0)),
    "less than nothing": (
        422, "validation-failed", lambda b: a_withdrawal(b.a_wallet(500), amount=-100),
    ),
    "to somebody": (
        422, "validation-failed", lambda b: a_withdrawal(b.a_wallet(500), iban="DE02"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("status", "code", "case"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_has_its_problem_and_moves_no_money(
    bank: Bank, status: int, code: str, case: Case
) -> None:
    body = case(bank)
    before = bank.everything()
    assert_problem(bank.post(PATH, body), status, code)
    assert bank.everything() == before
