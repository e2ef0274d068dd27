"""Reversals over HTTP: how a transaction is taken back, how that is found, what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.wallet import external_wallet_id
from tests.entrypoints.bank import NOBODY, Bank, a_journal, a_split, assert_problem

SYSTEM = str(external_wallet_id("USD"))
MAX = 9_007_199_254_740_991


def reversals(transaction: dict[str, Any]) -> str:
    return f"/v1/transactions/{transaction['id']}/reversals"


def a_payment(bank: Bank, amount: int = 100) -> dict[str, Any]:
    """A transfer of all that the one wallet had to the other, which was empty."""
    ada, bob = bank.a_wallet(amount), bank.a_wallet()
    payment: dict[str, Any] = bank.transfer(ada, bob, amount=amount).json
    return payment


def moved(transaction: dict[str, Any]) -> list[tuple[str, int]]:
    return [(posting["wallet_id"], posting["amount"]) for posting in transaction["postings"]]


def test_a_part_goes_back_with_its_reason(bank: Bank) -> None:
    payment = a_payment(bank)
    ada, bob = (posting["wallet_id"] for posting in payment["postings"])
    body = {
        "amount": 30,
        "reason": "One ticket was not used",
        "reference": "refund-1",
        "metadata": {"desk": "4"},
    }
    made = bank.post(reversals(payment), body)
    assert made.status_code == 201
    assert made.headers["Location"] == f"/v1/transactions/{made.json['id']}"
    assert made.json == {
        "id": made.json["id"],
        "type": "reversal",
        "reference": "refund-1",
        "description": "One ticket was not used",
        "metadata": {"desk": "4"},
        "reverses": payment["id"],
        "hold_id": None,
        "created_at": made.json["created_at"],
        "postings": [
            {
                "wallet_id": ada,
                "amount": 30,
                "currency": "USD",
                "balance_after": 30,
                "wallet_version": 3,
            },
            {
                "wallet_id": bob,
                "amount": -30,
                "currency": "USD",
                "balance_after": 70,
                "wallet_version": 2,
            },
        ],
    }
    assert made.json["created_at"] > payment["created_at"]
    assert bank.get(made.headers["Location"]) == made.json
    assert bank.get(f"/v1/transactions/{payment['id']}") == payment
    assert bank.get("/v1/transactions", type="reversal")["data"] == [made.json]


def test_nothing_is_needed_to_take_all_back_but_a_key(bank: Bank) -> None:
    payment = a_payment(bank)
    ada, bob = (posting["wallet_id"] for posting in payment["postings"])
    headers = {"Idempotency-Key": "refund"}
    made = bank.client.post(reversals(payment), headers=headers)
    assert (made.status_code, moved(made.json)) == (201, [(ada, 100), (bob, -100)])
    again = bank.client.post(reversals(payment), json={}, headers=headers)
    assert (again.status_code, again.data) == (201, made.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (bank.balance(ada), bank.balance(bob)) == (100, 0)
    assert_problem(bank.client.post(reversals(payment)), 400, "idempotency-key-required")


@pytest.mark.parametrize("body", [{}, {"amount": None}, {"reason": None, "reference": None}])
def test_without_an_amount_all_that_remains_goes_back(bank: Bank, body: dict[str, Any]) -> None:
    payment = a_payment(bank)
    assert bank.post(reversals(payment), {"amount": 30}).status_code == 201
    made = bank.post(reversals(payment), body)
    assert [amount for _, amount in moved(made.json)] == [70, -70]
    problem = assert_problem(bank.post(reversals(payment), body), 422, "exceeds-original")
    assert (problem["transaction_id"], problem["remaining"]) == (payment["id"], 0)


def test_a_key_belongs_to_the_reversal_of_one_transaction(bank: Bank) -> None:
    one, other = a_payment(bank), a_payment(bank)
    assert bank.post(reversals(one), {"amount": 7}, key="refund").status_code == 201
    for path, body in ((reversals(other), {"amount": 7}), (reversals(one), {"amount": 8})):
        assert_problem(bank.post(path, body, key="refund"), 422, "idempotency-key-reused")


def test_reversals_are_listed_by_their_original_newest_first(bank: Bank) -> None:
    payment, other = a_payment(bank), a_payment(bank)
    bank.post(reversals(other), {})
    made = [bank.post(reversals(payment), {"amount": amount}).json for amount in (10, 20, 30)]
    assert bank.get(reversals(payment))["data"] == made[::-1]
    first = bank.get(reversals(payment), limit=2)
    second = bank.get(reversals(payment), limit=2, cursor=first["next_cursor"])
    assert [first["data"], second["data"]] == [made[:0:-1], made[:1]]
    assert second["next_cursor"] is None
    assert bank.get(reversals(made[0]))["data"] == []


def test_the_reversals_of_what_is_not_there_are_not_found(bank: Bank) -> None:
    for id in (NOBODY, "x", SYSTEM):
        path = f"/v1/transactions/{id}/reversals"
        assert_problem(bank.client.get(path), 404, "transaction-not-found")
        assert_problem(bank.post(path, {}), 404, "transaction-not-found")
    listed = bank.client.get(reversals(a_payment(bank)), query_string={"cursor": "x"})
    assert_problem(listed, 400, "invalid-cursor")


def test_each_of_a_split_gives_back_its_part(bank: Bank) -> None:
    buyer, fee, seller = bank.a_wallet(1000), bank.a_wallet(), bank.a_wallet()
    shares = [{"wallet_id": fee, "percent": "3"}, {"wallet_id": seller, "remainder": True}]
    paid = bank.post("/v1/splits", a_split(buyer, *shares, amount=1000)).json
    made = bank.post(reversals(paid), {"amount": 250}).json
    assert moved(made) == [(buyer, 250), (fee, -8), (seller, -242)]
    assert "allocation" not in made
    rest = bank.post(reversals(paid), {}).json
    assert moved(rest) == [(buyer, 750), (fee, -22), (seller, -728)]


def test_a_replenishment_and_a_withdrawal_are_taken_back(bank: Bank) -> None:
    ada = bank.a_wallet()
    amount = {"wallet_id": ada, "amount": 100, "currency": "USD"}
    paid_in = bank.post("/v1/replenishments", amount).json
    paid_out = bank.post("/v1/withdrawals", amount).json
    assert moved(bank.post(reversals(paid_out), {}).json) == [(ada, 100), (SYSTEM, -100)]
    assert moved(bank.post(reversals(paid_in), {}).json) == [(SYSTEM, 100), (ada, -100)]


def test_a_reversed_capture_leaves_its_hold_as_it_is(bank: Bank) -> None:
    ada = bank.a_wallet(100)
    hold = bank.a_hold(ada, 80)
    capture = bank.post(f"/v1/holds/{hold['id']}/captures", {}).json
    captured = bank.get(f"/v1/holds/{hold['id']}")
    made = bank.post(reversals(capture), {}).json
    assert (made["hold_id"], bank.balance(ada)) == (None, 100)
    assert bank.get(f"/v1/holds/{hold['id']}") == captured
    assert bank.get("/v1/transactions", hold_id=hold["id"])["data"] == [capture]


def test_the_refusal_says_that_the_money_is_spent(bank: Bank) -> None:
    payment = a_payment(bank)
    bob = payment["postings"][1]["wallet_id"]
    bank.post("/v1/withdrawals", {"wallet_id": bob, "amount": 60, "currency": "USD"})
    refused = bank.post(reversals(payment), {}, key="refund")
    problem = assert_problem(refused, 422, "insufficient-funds")
    assert problem["detail"] == (
        f"Money of transaction {payment['id']} has been spent or is held. Wallet {bob} has 40"
        " available and an overdraft limit of 0; 100 was asked for."
    )
    assert (problem["transaction_id"], problem["wallet_id"]) == (payment["id"], bob)
    assert problem["available"] == 40
    again = bank.post(reversals(payment), {}, key="refund")
    assert (again.data, again.headers["Idempotency-Replayed"]) == (refused.data, "true")


Case = Callable[[Bank], tuple[dict[str, Any], dict[str, Any]]]


def _reversal(bank: Bank) -> tuple[dict[str, Any], dict[str, Any]]:
    return bank.post(reversals(a_payment(bank)), {"amount": 7}).json, {"amount": 8}


def _exchange(bank: Bank) -> tuple[dict[str, Any], dict[str, Any]]:
    dollars = a_journal((bank.a_wallet(9), -9), (bank.a_wallet(), 9))
    euros = a_journal(
        (bank.a_wallet(8, "EUR"), -8), (bank.a_wallet(currency="EUR"), 8), currency="EUR"
    )
    both = {"postings": dollars["postings"] + euros["postings"]}
    return bank.post("/v1/transactions", both).json, {"amount": 10}


def _taken_reference(bank: Bank) -> tuple[dict[str, Any], dict[str, Any]]:
    payment = a_payment(bank)
    assert bank.post(reversals(payment), {"amount": 1, "reference": "r"}).status_code == 201
    return payment, {"amount": 1, "reference": "r"}


def _account(bank: Bank, step: str, place: int, spend: bool) -> dict[str, Any]:
    """A payment; then the account of that posting is frozen or closed, when its money is spent."""
    payment = a_payment(bank)
    wallet = payment["postings"][place]["wallet_id"]
    if spend:
        bank.post("/v1/withdrawals", {"wallet_id": wallet, "amount": 100, "currency": "USD"})
    account = bank.get(f"/v1/wallets/{wallet}")["account_id"]
    assert bank.post(f"/v1/accounts/{account}/{step}", {}).status_code == 200
    return payment


def _full_wallet(bank: Bank) -> tuple[dict[str, Any], dict[str, Any]]:
    payment = a_payment(bank)
    fields = {"wallet_id": payment["postings"][0]["wallet_id"], "amount": MAX, "currency": "USD"}
    assert bank.post("/v1/replenishments", fields).status_code == 201
    return payment, {"amount": 1}


REFUSALS: dict[str, tuple[int, str, Case]] = {
    "a reversal": (422, "not-reversible", _reversal),
    "a part of two currencies": (422, "not-reversible", _exchange),
    "more than was moved": (422, "exceeds-original", lambda b: (a_payment(b), {"amount": 101})),
    "a reference that is taken": (409, "reference-taken", _taken_reference),
    "from a frozen account": (
        *(409, "account-frozen"),
        lambda b: (_account(b, "freeze", 1, spend=False), {}),
    ),
    "from a closed account": (
        *(409, "account-closed"),
        lambda b: (_account(b, "close", 1, spend=True), {}),
    ),
    "to a closed account": (
        *(409, "account-closed"),
        lambda b: (_account(b, "close", 0, spend=False), {}),
    ),
    "to a full wallet": (422, "balance-limit-exceeded", _full_wallet),
}


@pytest.mark.parametrize(("status", "code", "case"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refused_reversal_moves_nothing(bank: Bank, status: int, code: str, case: Case) -> None:
    original, body = case(bank)
    before = bank.everything()
    assert_problem(bank.post(reversals(original), body), status, code)
    assert bank.everything() == before


FAULTS: list[tuple[Any, str]] = [
    ({"amount": 0}, "/amount"),
    ({"amount": -1}, "/amount"),
    ({"amount": "1"}, "/amount"),
    ({"amount": 1.0}, "/amount"),
    ({"amount": True}, "/amount"),
    ({"amount": MAX + 1}, "/amount"),
    ({"reason": 7}, "/reason"),
    ({"reason": "x" * 501}, "/reason"),
    ({"reference": ""}, "/reference"),
    ({"metadata": {"a": 1}}, "/metadata/a"),
    ({"description": "x"}, "/description"),
    ({"currency": "USD"}, "/currency"),
]


@pytest.mark.parametrize(("body", "pointer"), FAULTS)
def test_faults_are_named_by_their_place(memory_bank: Bank, body: Any, pointer: str) -> None:
    answer = memory_bank.post(f"/v1/transactions/{NOBODY}/reversals", body)
    problem = assert_problem(answer, 422, "validation-failed")
    assert [each["pointer"] for each in problem["errors"]] == [pointer]
