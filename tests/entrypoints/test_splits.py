"""Splits over HTTP."""

from typing import Any

import pytest

from domain.transaction import LEGS_MAX
from domain.wallet import external_wallet_id
from entrypoints.http.splits import SHARES_MAX
from tests.entrypoints.bank import NOBODY, Bank, a_split, assert_problem

PATH = "/v1/splits"
SYSTEM = str(external_wallet_id("USD"))


def _part(wallet_id: str, amount: int, exact: str, rounding: str, **asked: Any) -> dict[str, Any]:
    nothing = {"fixed": None, "percent": None, "remainder": False}
    got = {"amount": amount, "exact": exact, "rounding": rounding}
    return {"wallet_id": wallet_id} | nothing | asked | got


def test_a_split_shows_what_each_share_asked_for_and_got(bank: Bank) -> None:
    shop, fee, agent, seller = bank.a_wallet(1999), *(bank.a_wallet() for _ in range(3))
    shares = [
        {"wallet_id": fee, "fixed": 30},
        {"wallet_id": agent, "percent": "2.90"},
        {"wallet_id": agent, "percent": "0.0001"},
        {"wallet_id": seller, "remainder": True},
    ]
    made = bank.post(PATH, a_split(shop, *shares, amount=1999) | {"reference": "order-1"})
    assert (made.status_code, made.json["type"]) == (201, "split")
    assert made.json["allocation"] == [
        _part(fee, 30, "30", "0", fixed=30),
        _part(agent, 58, "57.971", "0.029", percent="2.90"),
        _part(agent, 0, "0.001999", "-0.001999", percent="0.0001"),
        _part(seller, 1911, "1911.027001", "-0.027001", remainder=True),
    ]
    moved = [(posting["wallet_id"], posting["amount"]) for posting in made.json["postings"]]
    assert moved == [(shop, -1999), (fee, 30), (agent, 58), (seller, 1911)]


def test_a_split_is_read_and_answered_again_as_it_was_first_answered(bank: Bank) -> None:
    shop, seller = bank.a_wallet(100), bank.a_wallet()
    shares = [{"wallet_id": seller, "percent": "33.3"}, {"wallet_id": seller, "remainder": True}]
    body = a_split(shop, *shares)
    first, again = (bank.post(PATH, body, key="order-1") for _ in range(2))
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    read = bank.client.get(f"/v1/transactions/{first.json['id']}")
    assert read.data == first.data
    assert bank.get("/v1/transactions", type="split")["data"] == [first.json]


def test_other_transactions_have_no_allocation(bank: Bank) -> None:
    made = bank.transfer(bank.a_wallet(1000), bank.a_wallet()).json
    assert "allocation" not in made


def test_thirds_are_split_without_losing_a_cent(bank: Bank) -> None:
    shop, *friends = bank.a_wallet(100), *(bank.a_wallet() for _ in range(3))
    third = "33.3333333333"
    shares: list[dict[str, Any]] = [{"wallet_id": each, "percent": third} for each in friends[:2]]
    shares.append({"wallet_id": friends[2], "remainder": True})
    assert bank.post(PATH, a_split(shop, *shares)).status_code == 201
    assert [bank.balance(each) for each in (shop, *friends)] == [0, 33, 33, 34]


def test_a_split_may_have_as_many_shares_as_the_limit_says(bank: Bank) -> None:
    shop, seller = bank.a_wallet(1000), bank.a_wallet()
    shares = [{"wallet_id": seller, "fixed": 1}] * SHARES_MAX
    made = bank.post(PATH, a_split(shop, *shares, amount=SHARES_MAX))
    assert made.status_code == 201
    assert len(made.json["postings"]) == LEGS_MAX
    too_many = bank.post(PATH, a_split(shop, *shares, shares[0], amount=SHARES_MAX + 1))
    problem = assert_problem(too_many, 422, "validation-failed")
    assert problem["errors"][0]["pointer"] == "/shares"


REFUSALS: list[tuple[str, int, str, dict[str, Any]]] = [
    ("a share for the source", 422, "same-wallet", {"wallet_id": "source"}),
    ("less than the whole", 422, "unbalanced", {"fixed": 99}),
    ("less than the whole by a hair", 422, "unbalanced", {"percent": "99.9999999999"}),
    ("more than the whole", 422, "unbalanced", {"fixed": 101}),
    ("unbalanced before unknown", 422, "unbalanced", {"fixed": 101, "wallet_id": NOBODY}),
    ("an unknown wallet", 404, "wallet-not-found", {"wallet_id": NOBODY}),
    ("a system wallet", 422, "system-wallet", {"wallet_id": SYSTEM}),
]


@pytest.mark.parametrize(
    ("status", "code", "change"),
    [each[1:] for each in REFUSALS],
    ids=[each[0] for each in REFUSALS],
)
def test_a_refused_split_moves_nothing(
    bank: Bank, status: int, code: str, change: dict[str, Any]
) -> None:
    shop, seller = bank.a_wallet(100), bank.a_wallet()
    share = {"wallet_id": seller} | ({} if "percent" in change else {"fixed": 100}) | change
    share["wallet_id"] = shop if share["wallet_id"] == "source" else share["wallet_id"]
    before = bank.everything()
    assert_problem(bank.post(PATH, a_split(shop, share)), status, code)
    assert bank.everything() == before


def test_the_source_needs_the_whole(bank: Bank) -> None:
    shop, seller = bank.a_wallet(99), bank.a_wallet()
    answer = bank.post(PATH, a_split(shop, {"wallet_id": seller, "remainder": True}))
    assert_problem(answer, 422, "insufficient-funds")


def test_all_shares_are_in_the_currency_of_the_split(bank: Bank) -> None:
    shop, euros = bank.a_wallet(100), bank.a_wallet(currency="EUR")
    answer = bank.post(PATH, a_split(shop, {"wallet_id": euros, "remainder": True}))
    assert_problem(answer, 422, "currency-mismatch")


REST = {"wallet_id": NOBODY, "remainder": True}
FAULTS: list[tuple[Any, str]] = [
    (None, "/shares"),
    ([], "/shares"),
    ([REST, REST], "/shares"),
    ([7], "/shares/0"),
    ([{"wallet_id": NOBODY}], "/shares/0"),
    ([REST | {"fixed": 1}], "/shares/0"),
    ([REST | {"remainder": False}], "/shares/0/remainder"),
    ([REST | {"remainder": 1}], "/shares/0/remainder"),
    ([{"wallet_id": NOBODY, "fixed": 0}], "/shares/0/fixed"),
    ([{"wallet_id": NOBODY, "fixed": -1}], "/shares/0/fixed"),
    ([{"fixed": 1}], "/shares/0/wallet_id"),
    *(
        ([{"wallet_id": NOBODY, "percent": percent}], "/shares/0/percent")
        for percent in (5, 5.5, "0", "0.0", "100.1", "-5", "+5", "5%", " 5", "05", "5.", ".5")
    ),
    ([{"wallet_id": NOBODY, "percent": "0.00000000001"}], "/shares/0/percent"),
]


@pytest.mark.parametrize(("shares", "pointer"), FAULTS)
def test_faults_are_named_by_their_place(memory_bank: Bank, shares: Any, pointer: str) -> None:
    body = a_split(NOBODY) | {"shares": shares}
    problem = assert_problem(memory_bank.post(PATH, body), 422, "validation-failed")
    assert [each["pointer"] for each in problem["errors"]] == [pointer]
