"""Looking back over HTTP: balances at an instant, lists by every filter."""

from typing import Any

import pytest

from domain.wallet import external_wallet_id
from entrypoints.http.metadata_filter import METADATA_FILTERS_MAX
from tests.entrypoints.bank import NOBODY, Bank, a_journal, assert_problem
from tests.stage import Stage

EARLY = "2025-01-01T00:00:00Z"
NOW = "2026-01-01T00:00:00.000000Z"  # where the clock of a stage stands still


def ids(page: dict[str, Any]) -> list[str]:
    return [item["id"] for item in page["data"]]


def transactions(bank: Bank, **query: Any) -> list[str]:
    return ids(bank.get("/v1/transactions", **query))


def test_a_balance_is_that_of_an_instant(bank: Bank, stage: Stage) -> None:
    wallet = bank.a_wallet(1000)
    stage.clock.move(hours=1)
    bank.transfer(wallet, bank.a_wallet(), amount=400)
    path = f"/v1/wallets/{wallet}/balance"
    shown = {"wallet_id": wallet, "currency": "USD"}
    assert bank.get(path) == {**shown, "at": "2026-01-01T01:00:00.000000Z", "balance": 600}
    assert bank.get(path, at=NOW) == {**shown, "at": NOW, "balance": 1000}
    assert bank.get(path, at="2026-01-01T00:59:59.999999Z")["balance"] == 1000
    assert bank.get(path, at="2026-01-01T02:00:00+01:00")["balance"] == 600
    assert bank.get(path, at=EARLY)["balance"] == 0


def test_the_future_has_no_balance(bank: Bank) -> None:
    path = f"/v1/wallets/{bank.a_wallet(1)}/balance"
    for at in ("2026-01-01T00:00:00.000001Z", "9999-12-31T23:59:59Z"):
        problem = assert_problem(
            bank.client.get(path, query_string={"at": at}), 422, "validation-failed"
        )
        assert [error["pointer"] for error in problem["errors"]] == ["?at"]


def test_the_instant_that_a_payment_has_answered_is_never_the_future(bank: Bank) -> None:
    """Its time is after the wallet's last one, which may be ahead of the clock."""
    wallet, other = bank.a_wallet(1000), bank.a_wallet()
    made = bank.transfer(wallet, other, amount=1).json
    assert made["created_at"] > NOW
    balance = bank.get(f"/v1/wallets/{wallet}/balance", at=made["created_at"])
    assert (balance["balance"], balance["at"]) == (999, made["created_at"])


@pytest.mark.parametrize("id", [NOBODY, "abc", str(external_wallet_id("USD"))])
@pytest.mark.parametrize("what", ["balance", f"statement?from={EARLY}&to={NOW}", "postings"])
def test_who_is_no_customers_wallet_has_no_past(bank: Bank, id: str, what: str) -> None:
    assert_problem(bank.client.get(f"/v1/wallets/{id}/{what}"), 404, "wallet-not-found")


def test_transactions_are_found_by_wallet_or_account_each_once(bank: Bank) -> None:
    account = bank.open_account()
    wallet, other = account["wallets"][0]["id"], bank.a_wallet(50)
    legs = a_journal((wallet, 3), (other, -5), (wallet, 2))
    made = bank.post("/v1/transactions", legs).json["id"]
    assert transactions(bank, wallet_id=wallet) == [made]
    assert transactions(bank, account_id=account["id"]) == [made]
    assert transactions(bank, wallet_id=wallet, account_id=account["id"]) == [made]
    assert len(transactions(bank, wallet_id=other)) == 2
    assert transactions(bank, wallet_id=other, account_id=account["id"]) == []


def test_nobodys_wallets_have_no_transactions(bank: Bank) -> None:
    bank.a_wallet(1)
    for query in ({"wallet_id": NOBODY}, {"account_id": NOBODY}):
        assert transactions(bank, **query) == []
    assert transactions(bank, wallet_id=str(external_wallet_id("USD"))) == []


def test_transactions_are_found_by_all_of_their_metadata(bank: Bank) -> None:
    wallet, other = bank.a_wallet(100), bank.a_wallet()
    tags = [{"k": "1", "invoice no. [a]": "é=&+"}, {"k": "1"}, {"k": "2"}, {}]
    both, one, two, _ = [
        bank.transfer(wallet, other, amount=1, metadata=each).json["id"] for each in tags
    ]
    assert transactions(bank, **{"metadata[k]": "1"}) == [one, both]
    assert transactions(bank, **{"metadata[k]": "2"}) == [two]
    assert transactions(bank, **{"metadata[k]": "1", "metadata[invoice no. [a]]": "é=&+"}) == [both]
    assert transactions(bank, **{"metadata[k]": "2", "metadata[invoice no. [a]]": "é=&+"}) == []
    assert transactions(bank, **{"metadata[K]": "1"}) == []


def test_pages_keep_their_filters(bank: Bank, stage: Stage) -> None:
    wallet, other = bank.a_wallet(100), bank.a_wallet()
    made = []
    for _ in range(3):
        stage.clock.move(seconds=1)
        made.append(bank.transfer(wallet, other, amount=1, metadata={"k": "é"}).json["id"])
        bank.transfer(wallet, other, amount=1)
    query = {"metadata[k]": "é", "wallet_id": wallet, "from": NOW, "type": "transfer", "limit": 2}
    first = bank.client.get("/v1/transactions", query_string=query)
    assert ids(first.json) == [made[2], made[1]]
    second = bank.client.get(first.headers["Link"].partition(">")[0].strip("<"))
    assert (ids(second.json), second.json["next_cursor"]) == ([made[0]], None)


def test_transactions_or_postings_of_a_time_window_begin_at_from_then_end_before_to(
    bank: Bank, stage: Stage
) -> None:
    wallet = bank.a_wallet(100)
    stage.clock.move(hours=1)
    made = bank.transfer(wallet, bank.a_wallet(), amount=1).json
    at = made["created_at"]
    for path in ("/v1/transactions", f"/v1/wallets/{wallet}/postings"):
        assert len(bank.get(path, **{"from": NOW, "to": at})["data"]) == 1
        assert len(bank.get(path, **{"from": NOW})["data"]) == 2
        [found] = bank.get(path, **{"from": at})["data"]
        assert found["created_at"] == at
        assert bank.get(path, to=NOW)["data"] == []


def test_postings_are_listed_by_type(bank: Bank) -> None:
    wallet = bank.a_wallet(100)
    bank.transfer(wallet, bank.a_wallet(), amount=1)
    path = f"/v1/wallets/{wallet}/postings"
    assert [each["amount"] for each in bank.get(path, type="transfer")["data"]] == [-1]
    assert [each["amount"] for each in bank.get(path, type="replenishment")["data"]] == [100]
    assert bank.get(path, type="split")["data"] == []


MANY = "&".join(f"metadata[{number}]=1" for number in range(METADATA_FILTERS_MAX + 1))
WRONG_QUERIES = {
    "metadata=1": "?metadata",
    "metadata[k]=1&metadata[k]=2": "?metadata[k]",
    "metadata[k]=1&metadata=2": "?metadata",
    "metadata[]=1": "?metadata/",
    "metadata[k]=%00": "?metadata/k",
    f"metadata[{'k' * 65}]=1": f"?metadata/{'k' * 65}",
    f"metadata[k]={'v' * 501}": "?metadata/k",
    MANY: "?metadata",
    "meta[k]=1": "?meta[k]",
    "type[k]=transfer": "?type[k]",
    "wallet_id=1": "?wallet_id",
    "account_id=x": "?account_id",
    "from=yesterday": "?from",
    "to=2026-01-01": "?to",
    f"from={NOW}&to={NOW}": "?to",
    f"from={NOW}&to={EARLY}": "?to",
    "from_time=2026-01-01T00:00:00Z": "?from_time",
}


@pytest.mark.parametrize(("query", "pointer"), WRONG_QUERIES.items())
def test_a_wrong_filter_is_named(memory_bank: Bank, query: str, pointer: str) -> None:
    response = memory_bank.client.get(f"/v1/transactions?{query}")
    problem = assert_problem(response, 422, "validation-failed")
    assert pointer in [error["pointer"] for error in problem["errors"]]


WRONG_PERIODS = [
    ("from=x&to=y", ["?from", "?to"]),
    (f"from={NOW}", ["?to"]),
    ("", ["?from", "?to"]),
    (f"from={NOW}&to={NOW}", ["?to"]),
    (f"from={NOW}&to={EARLY}", ["?to"]),
    (f"from={EARLY}&to={NOW}&format=csv", ["?format"]),
]


@pytest.mark.parametrize(("query", "pointers"), WRONG_PERIODS)
def test_a_statement_needs_a_period(memory_bank: Bank, query: str, pointers: list[str]) -> None:
    wallet = memory_bank.a_wallet(1)
    response = memory_bank.client.get(f"/v1/wallets/{wallet}/statement?{query}")
    problem = assert_problem(response, 422, "validation-failed")
    assert sorted(error["pointer"] for error in problem["errors"]) == pointers


def test_postings_need_a_window_that_is_one(memory_bank: Bank) -> None:
    path = f"/v1/wallets/{memory_bank.a_wallet(1)}/postings?from={NOW}&to={NOW}"
    assert_problem(memory_bank.client.get(path), 422, "validation-failed")
