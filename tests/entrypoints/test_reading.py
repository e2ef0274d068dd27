"""Reading accounts, wallets, postings and transactions."""

from typing import Any

import pytest

from tests.entrypoints.bank import NOBODY, Bank, assert_problem


def test_an_account_is_opened_with_a_wallet_in_dollars(bank: Bank) -> None:
    account = bank.open_account(name="Ada", reference="customer-1", metadata={"tier": "gold"})
    assert bank.get(f"/v1/accounts/{account['id']}") == account
    assert (account["name"], account["reference"]) == ("Ada", "customer-1")
    assert (account["status"], account["version"]) == ("active", 1)
    assert account["metadata"] == {"tier": "gold"}
    [wallet] = account["wallets"]
    assert (wallet["currency"], wallet["balance"], wallet["wallet_version"]) == ("USD", 0, 0)
    assert bank.get(f"/v1/wallets/{wallet['id']}") == wallet


def test_an_account_shows_its_wallet_as_it_is_now(bank: Bank) -> None:
    wallet_id = bank.a_wallet(1050)
    wallet = bank.get(f"/v1/wallets/{wallet_id}")
    account = bank.get(f"/v1/accounts/{wallet['account_id']}")
    assert account["wallets"] == [wallet]
    assert (wallet["balance"], wallet["available"], wallet["held"]) == (1050, 1050, 0)
    assert (wallet["wallet_version"], wallet["max_balance"], wallet["overdraft_limit"]) == (
        1,
        None,
        0,
    )


def test_the_location_of_what_was_made_leads_to_it(bank: Bank) -> None:
    opened = bank.post("/v1/accounts", {"name": "Ada"})
    assert bank.get(opened.headers["Location"]) == opened.json
    moved = bank.transfer(bank.a_wallet(100), bank.a_wallet())
    assert bank.get(moved.headers["Location"]) == moved.json


def test_a_replenishment_has_its_other_posting_outside_the_books(bank: Bank) -> None:
    wallet = bank.a_wallet()
    made = bank.post("/v1/replenishments", {"wallet_id": wallet, "amount": 7, "currency": "USD"})
    outside, inside = made.json["postings"]
    assert (outside["amount"], outside["balance_after"], outside["wallet_version"]) == (
        -7,
        None,
        None,
    )
    assert inside == {
        "wallet_id": wallet,
        "amount": 7,
        "currency": "USD",
        "balance_after": 7,
        "wallet_version": 1,
    }


def test_a_transfer_says_what_it_was(bank: Bank) -> None:
    source, destination = bank.a_wallet(1000), bank.a_wallet()
    more = {"reference": "order-1", "description": "Two tickets", "metadata": {"b": "2", "a": "1"}}
    transaction = bank.transfer(source, destination, **more).json
    assert transaction["type"] == "transfer"
    assert transaction["reverses"] is None
    assert {name: transaction[name] for name in more} == more
    amounts = [(posting["wallet_id"], posting["amount"]) for posting in transaction["postings"]]
    assert amounts == [(source, -100), (destination, 100)]
    assert [posting["balance_after"] for posting in transaction["postings"]] == [900, 100]


def test_things_are_found_by_their_reference(bank: Bank) -> None:
    account = bank.open_account(reference="customer-1")
    bank.open_account(reference="customer-2")
    wallet = account["wallets"][0]["id"]
    body = {"wallet_id": wallet, "amount": 7, "currency": "USD", "reference": "bank-1"}
    made = bank.post("/v1/replenishments", body).json
    assert [it["id"] for it in bank.get("/v1/accounts", reference="customer-1")["data"]] == [
        account["id"]
    ]
    assert bank.get("/v1/transactions", reference="bank-1")["data"] == [made]
    assert bank.get("/v1/transactions", reference="bank-2")["data"] == []


def test_transactions_are_listed_by_type(bank: Bank) -> None:
    moved = bank.transfer(bank.a_wallet(100), bank.a_wallet()).json
    assert bank.get("/v1/transactions", type="transfer")["data"] == [moved]
    assert len(bank.get("/v1/transactions", type="replenishment")["data"]) == 1


def test_wallets_are_listed_by_account(bank: Bank) -> None:
    account, _ = bank.open_account(), bank.open_account()
    assert bank.get("/v1/wallets", account_id=account["id"])["data"] == account["wallets"]
    assert bank.get("/v1/wallets", account_id=NOBODY)["data"] == []


def _pages(bank: Bank, path: str, **query: Any) -> list[list[Any]]:
    """All pages, by following the Link header, which must agree with next_cursor."""
    pages = []
    response = bank.client.get(path, query_string=query)
    while True:
        pages.append(response.json["data"])
        link = response.headers.get("Link")
        assert (link is None) == (response.json["next_cursor"] is None)
        if link is None:
            return pages
        target, relation = link.split("; ")
        assert relation == 'rel="next"'
        response = bank.client.get(target.strip("<>"))


@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/wallets", "/v1/transactions"])
def test_pages_show_everything_once_with_the_newest_first(bank: Bank, path: str) -> None:
    for _ in range(5):
        bank.a_wallet(1)
    whole = bank.get(path)["data"]
    pages = _pages(bank, path, limit=2)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [item for page in pages for item in page] == whole
    assert whole == sorted(whole, key=lambda item: item["id"], reverse=True)


def test_a_full_last_page_has_no_next_one(bank: Bank) -> None:
    for _ in range(4):
        bank.open_account()
    assert [len(page) for page in _pages(bank, "/v1/accounts", limit=2)] == [2, 2]


def test_a_page_keeps_its_filter(bank: Bank) -> None:
    wallet = bank.a_wallet(1)
    for _ in range(3):
        bank.transfer(wallet, bank.a_wallet(), amount=1)
        bank.post("/v1/replenishments", {"wallet_id": wallet, "amount": 1, "currency": "USD"})
    pages = _pages(bank, "/v1/transactions", type="transfer", limit=2)
    types = {item["type"] for page in pages for item in page}
    assert ([len(page) for page in pages], types) == ([2, 1], {"transfer"})


def test_a_wallets_postings_are_its_history_backwards(bank: Bank) -> None:
    wallet, other = bank.a_wallet(1000), bank.a_wallet()
    for amount in (1, 2, 3):
        bank.transfer(wallet, other, amount=amount)
    pages = _pages(bank, f"/v1/wallets/{wallet}/postings", limit=3)
    postings = [item for page in pages for item in page]
    assert [item["amount"] for item in postings] == [-3, -2, -1, 1000]
    assert [item["balance_after"] for item in postings] == [994, 997, 999, 1000]
    assert [item["wallet_version"] for item in postings] == [4, 3, 2, 1]
    assert {item["wallet_id"] for item in postings} == {wallet}


def test_from_is_inclusive_and_to_is_exclusive(bank: Bank) -> None:
    wallet, other = bank.a_wallet(1000), bank.a_wallet()
    bank.transfer(wallet, other)
    path = f"/v1/wallets/{wallet}/postings"
    late, early = [item["created_at"] for item in bank.get(path)["data"]]
    assert early < late
    found = bank.get(path, **{"from": early, "to": late})["data"]
    assert [item["created_at"] for item in found] == [early]
    assert len(bank.get(path, **{"from": early.replace("Z", "+00:00")})["data"]) == 2
    assert bank.get(path, to=early)["data"] == []


BAD_CURSORS = ["", "x", "%00", "!!!!", "W10", "eyJhIjoxfQ", "💶", "A" * 501, "bnVsbA", "WzEsMiwzXQ"]


@pytest.mark.parametrize("cursor", BAD_CURSORS)
@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/wallets", "/v1/transactions"])
def test_a_cursor_that_no_list_gave_out_is_refused(
    memory_bank: Bank, path: str, cursor: str
) -> None:
    assert_problem(memory_bank.client.get(f"{path}?cursor={cursor}"), 400, "invalid-cursor")


def test_a_cursor_belongs_to_its_list(bank: Bank) -> None:
    wallets = [bank.a_wallet(1), bank.a_wallet(1)]
    bank.transfer(*wallets, amount=1)
    bank.transfer(*reversed(wallets), amount=1)
    first, second = [f"/v1/wallets/{wallet}/postings" for wallet in wallets]
    cursor = bank.get(first, limit=1)["next_cursor"]
    for path in ("/v1/accounts", "/v1/wallets", "/v1/transactions", second):
        assert_problem(bank.client.get(f"{path}?cursor={cursor}"), 400, "invalid-cursor")


@pytest.mark.parametrize("kind", ["accounts", "wallets"])
def test_what_has_not_changed_is_not_sent_again(bank: Bank, kind: str) -> None:
    wallet = bank.get(f"/v1/wallets/{bank.a_wallet()}")
    path = f"/v1/{kind}/" + (wallet["account_id"] if kind == "accounts" else wallet["id"])
    tag = bank.client.get(path).headers["ETag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        response = bank.client.get(path, headers={"If-None-Match": known})
        assert (response.status_code, response.data) == (304, b"")
        assert response.headers["ETag"] == tag
        assert "Content-Type" not in response.headers
    bank.post("/v1/replenishments", {"wallet_id": wallet["id"], "amount": 1, "currency": "USD"})
    changed = bank.client.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_a_head_is_a_get_without_its_body(bank: Bank) -> None:
    path = f"/v1/wallets/{bank.a_wallet()}"
    got, head = bank.client.get(path), bank.client.head(path)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == got.headers["ETag"]
    assert head.headers["Content-Length"] == got.headers["Content-Length"]
