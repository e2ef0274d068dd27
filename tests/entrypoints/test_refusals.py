"""What the rules refuse: each has its own problem, and no money moves."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.wallet import external_wallet_id
from tests.entrypoints.bank import NOBODY, Bank, a_transfer, assert_problem

MAX = 9_007_199_254_740_991
SYSTEM = str(external_wallet_id("USD"))
Request = tuple[str, dict[str, Any]]
Case = Callable[[Bank], Request]


def _transfer(bank: Bank, balance: int = 1000, **change: Any) -> Request:
    body = a_transfer(bank.a_wallet(balance), bank.a_wallet())
    return "/v1/transfers", body | change


def _replenishment(bank: Bank, **change: Any) -> Request:
    body = {"wallet_id": bank.a_wallet(5), "amount": 1, "currency": "USD"}
    return "/v1/replenishments", body | change


def _to_itself(bank: Bank) -> Request:
    wallet = bank.a_wallet(1000)
    return "/v1/transfers", a_transfer(wallet, wallet)


def _to_another_currency(bank: Bank) -> Request:
    return "/v1/transfers", a_transfer(bank.a_wallet(1000), bank.a_wallet(currency="EUR"))


def _into_a_full_wallet(bank: Bank) -> Request:
    return "/v1/transfers", a_transfer(bank.a_wallet(1000), bank.a_wallet(MAX))


def _taken_reference(bank: Bank) -> Request:
    path, body = _transfer(bank, reference="order-1")
    assert bank.post(path, body).status_code == 201
    return path, body | {"amount": 1}


def _taken_account_reference(bank: Bank) -> Request:
    bank.open_account(reference="customer-1")
    return "/v1/accounts", {"name": "Bob", "reference": "customer-1"}


REFUSALS: dict[str, tuple[int, str, Case]] = {
    "insufficient funds": (422, "insufficient-funds", lambda b: _transfer(b, 99)),
    "no funds": (422, "insufficient-funds", lambda b: _transfer(b, 0)),
    "unknown source": (404, "wallet-not-found", lambda b: _transfer(b, source_wallet_id=NOBODY)),
    "unknown destination": (
        404, "wallet-not-found", lambda b: _transfer(b, destination_wallet_id=NOBODY),
    ),
    "same wallet": (422, "same-wallet", _to_itself),
    "currency of another wallet": (422, "currency-mismatch", lambda b: _transfer(b, currency="EUR")),
    "currency that does not exist": (
        422, "currency-not-enabled", lambda b: _transfer(b, currency="XQX"),
    ),
    "destination of another currency": (422, "currency-mismatch", _to_another_currency),
    "overflow of a balance": (422, "balance-limit-exceeded", _into_a_full_wallet),
    "reference taken": (409, "reference-taken", _taken_reference),
    "from the system wallet": (
        422, "system-wallet", lambda b: _transfer(b, source_wallet_id=SYSTEM),
    ),
    "to the system wallet": (
        422, "system-wallet", lambda b: _transfer(b, destination_wallet_id=SYSTEM),
    ),
    "replenish an unknown wallet": (
        404, "wallet-not-found", lambda b: _replenishment(b, wallet_id=NOBODY),
    ),
    "replenish the system wallet": (
        422, "system-wallet", lambda b: _replenishment(b, wallet_id=SYSTEM),
    ),
    "replenish in another currency": (
        422, "currency-mismatch", lambda b: _replenishment(b, currency="JPY"),
    ),
    "replenish over the limit": (
        422, "balance-limit-exceeded", lambda b: _replenishment(b, amount=MAX),
    ),
    "account in a currency that is not enabled": (
        422, "currency-not-enabled", lambda b: ("/v1/accounts", {"name": "A", "currency": "XTS"}),
    ),
    "account reference taken": (409, "reference-taken", _taken_account_reference),
}  # fmt: skip


@pytest.mark.parametrize(("status", "code", "case"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_has_its_problem_and_moves_no_money(
    bank: Bank, status: int, code: str, case: Case
) -> None:
    path, body = case(bank)
    before = bank.everything()
    assert_problem(bank.post(path, body), status, code)
    assert bank.everything() == before


def test_a_refusal_carries_its_data(bank: Bank) -> None:
    source = bank.a_wallet(99)
    problem = bank.transfer(source, bank.a_wallet()).json
    assert (problem["wallet_id"], problem["available"]) == (source, 99)
    assert next(iter(problem)) == "type"
