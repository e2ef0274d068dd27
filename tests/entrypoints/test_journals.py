"""Transactions of many legs over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.transaction import LEGS_MAX
from domain.wallet import external_wallet_id
from tests.entrypoints.bank import NOBODY, Bank, a_journal, assert_problem

PATH = "/v1/transactions"
MAX = 9_007_199_254_740_991
SYSTEM = str(external_wallet_id("USD"))
Body = dict[str, Any]


def test_all_legs_are_made_together(bank: Bank) -> None:
    buyer, seller, courier = bank.a_wallet(2000), bank.a_wallet(), bank.a_wallet()
    body = a_journal((buyer, -1500), (seller, 1200), (courier, 300))
    made = bank.post(PATH, body | {"reference": "order-1", "metadata": {"shop": "7"}})
    assert made.status_code == 201
    assert made.headers["Location"] == f"{PATH}/{made.json['id']}"
    assert (made.json["type"], made.json["reference"]) == ("journal", "order-1")
    assert [posting["balance_after"] for posting in made.json["postings"]] == [500, 1200, 300]
    assert bank.get(f"{PATH}/{made.json['id']}") == made.json
    assert bank.get(PATH, type="journal")["data"] == [made.json]


def test_two_currencies_can_change_hands_in_one_transaction(bank: Bank) -> None:
    ada, bob = bank.a_wallet(100), bank.a_wallet()
    ada_eur, bob_eur = bank.a_wallet(currency="EUR"), bank.a_wallet(90, "EUR")
    dollars = a_journal((ada, -100), (bob, 100))["postings"]
    euros = a_journal((bob_eur, -90), (ada_eur, 90), currency="EUR")["postings"]
    assert bank.post(PATH, {"postings": dollars + euros}).status_code == 201
    assert [bank.balance(each) for each in (ada, bob, ada_eur, bob_eur)] == [0, 100, 90, 0]


def test_a_wallet_in_several_legs_is_judged_by_their_sum(bank: Bank) -> None:
    ada, bob = bank.a_wallet(), bank.a_wallet(50)
    legs = [(ada, -50), (bob, -50), (ada, 100)]
    made = bank.post(PATH, a_journal(*legs))
    assert made.status_code == 201
    shown = [(each["balance_after"], each["wallet_version"]) for each in made.json["postings"]]
    assert shown == [(-50, 1), (0, 2), (50, 2)]
    lines = bank.get(f"/v1/wallets/{ada}/postings")["data"]
    assert [line["balance_after"] for line in lines] == [50, -50]


def test_a_repeated_journal_is_answered_again(bank: Bank) -> None:
    body = a_journal((bank.a_wallet(10), -10), (bank.a_wallet(), 10))
    first, again = (bank.post(PATH, body, key="order-1") for _ in range(2))
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.data) == (201, first.data)


def test_a_journal_may_have_as_many_legs_as_the_limit_says(bank: Bank) -> None:
    ada, bob = bank.a_wallet(LEGS_MAX), bank.a_wallet()
    legs = [(bob, 1)] * (LEGS_MAX - 1) + [(ada, 1 - LEGS_MAX)]
    made = bank.post(PATH, a_journal(*legs))
    assert (made.status_code, bank.balance(bob)) == (201, LEGS_MAX - 1)
    too_many = bank.post(PATH, a_journal((ada, 1), *legs))
    problem = assert_problem(too_many, 422, "validation-failed")
    assert problem["errors"][0]["pointer"] == "/postings"


def _of(*amounts: int, balance: int = 100, **change: Any) -> Callable[[Bank], Body]:
    """Legs on two wallets in turn, both with that balance; the last leg is changed."""

    def body(bank: Bank) -> Body:
        wallets = [bank.a_wallet(balance), bank.a_wallet(balance)]
        made = a_journal(*((wallets[i % 2], amount) for i, amount in enumerate(amounts)))
        made["postings"][-1] |= change
        return made

    return body


REFUSALS: list[tuple[str, int, str, Callable[[Bank], Body]]] = [
    ("a sum that is not zero", 422, "unbalanced", _of(-5, 4)),
    ("two currencies that balance only together", 422, "unbalanced", _of(-5, 5, currency="EUR")),
    ("unbalanced before unknown", 422, "unbalanced", _of(-5, 4, wallet_id=NOBODY)),
    ("an unknown wallet", 404, "wallet-not-found", _of(-5, 5, wallet_id=NOBODY)),
    ("a system wallet that gives", 422, "system-wallet", _of(5, -5, wallet_id=SYSTEM)),
    ("a system wallet that takes", 422, "system-wallet", _of(-5, 5, wallet_id=SYSTEM)),
    ("too little money", 422, "insufficient-funds", _of(-101, 101)),
    ("too little money in the end", 422, "insufficient-funds", _of(-80, 80, -80, 80)),
    ("too much money", 422, "balance-limit-exceeded", _of(-1, 1, balance=MAX)),
    ("too much on the way", 422, "balance-limit-exceeded", _of(MAX, -MAX, -MAX, MAX)),
]


@pytest.mark.parametrize(
    ("status", "code", "body"), [each[1:] for each in REFUSALS], ids=[each[0] for each in REFUSALS]
)
def test_a_refused_journal_moves_nothing(
    bank: Bank, status: int, code: str, body: Callable[[Bank], Body]
) -> None:
    sent = body(bank)
    before = bank.everything()
    assert_problem(bank.post(PATH, sent), status, code)
    assert_problem(bank.post(PATH, {"postings": sent["postings"][::-1]}), status, code)
    assert bank.everything() == before


def test_a_currency_that_is_not_the_wallets_is_refused(bank: Bank) -> None:
    ada, bob = bank.a_wallet(100), bank.a_wallet()
    for currency, code in (("EUR", "currency-mismatch"), ("XQX", "currency-not-enabled")):
        body = a_journal((ada, -1), (bob, 1), currency=currency)
        assert_problem(bank.post(PATH, body), 422, code)


LEG = {"wallet_id": NOBODY, "amount": 5, "currency": "USD"}
FAULTS: list[tuple[Any, str]] = [
    (None, "/postings"),
    ("x", "/postings"),
    ([], "/postings"),
    ([LEG], "/postings"),
    ([LEG, 7], "/postings/1"),
    ([LEG, {}], "/postings/1/wallet_id /postings/1/amount /postings/1/currency"),
    ([LEG, LEG | {"amount": 0}], "/postings/1/amount"),
    ([LEG, LEG | {"amount": "5"}], "/postings/1/amount"),
    ([LEG, LEG | {"amount": 5.0}], "/postings/1/amount"),
    ([LEG, LEG | {"amount": True}], "/postings/1/amount"),
    ([LEG, LEG | {"amount": MAX + 1}], "/postings/1/amount"),
    ([LEG, LEG | {"amount": -MAX - 1}], "/postings/1/amount"),
    ([LEG, LEG | {"external": True}], "/postings/1/external"),
    (
        [LEG | {"currency": "usd"}, LEG | {"wallet_id": "x"}],
        "/postings/0/currency /postings/1/wallet_id",
    ),
]


@pytest.mark.parametrize(("postings", "pointers"), FAULTS)
def test_faults_are_named_by_their_place(memory_bank: Bank, postings: Any, pointers: str) -> None:
    problem = assert_problem(
        memory_bank.post(PATH, {"postings": postings}), 422, "validation-failed"
    )
    assert {each["pointer"] for each in problem["errors"]} == set(pointers.split())


def test_a_journal_has_no_amount_of_its_own(memory_bank: Bank) -> None:
    body = {"postings": [LEG, LEG | {"amount": -5}], "amount": 5}
    problem = assert_problem(memory_bank.post(PATH, body), 422, "validation-failed")
    assert [each["pointer"] for each in problem["errors"]] == ["/amount"]
