"""An idempotency key makes a request happen once, however often it is sent."""

from typing import Any

import pytest

from tests.entrypoints.bank import Bank, a_transfer, assert_problem


def test_a_payment_needs_a_key(bank: Bank) -> None:
    source, destination = bank.a_wallet(1000), bank.a_wallet()
    transfer = bank.client.post("/v1/transfers", json=a_transfer(source, destination))
    assert_problem(transfer, 400, "idempotency-key-required")
    fields = {"wallet_id": source, "amount": 1, "currency": "USD"}
    for path in ("/v1/replenishments", "/v1/withdrawals"):
        assert_problem(bank.client.post(path, json=fields), 400, "idempotency-key-required")
    assert bank.balance(source) == 1000


@pytest.mark.parametrize("key", ["", "a b", "k" * 256, "schlüssel", "a\tb", "\x7f"])
@pytest.mark.parametrize("path", ["/v1/transfers", "/v1/accounts"])
def test_a_key_is_visible_ascii_of_bounded_length(memory_bank: Bank, path: str, key: str) -> None:
    environ = {"HTTP_IDEMPOTENCY_KEY": key.encode().decode("latin-1")}
    response = memory_bank.client.post(path, json={}, environ_base=environ)
    assert_problem(response, 400, "idempotency-key-invalid")


@pytest.mark.parametrize("key", ["k", "k" * 255, "".join(map(chr, range(0x21, 0x7F)))])
def test_every_visible_ascii_character_may_stand_in_a_key(bank: Bank, key: str) -> None:
    source, destination = bank.a_wallet(1000), bank.a_wallet()
    assert bank.transfer(source, destination, key=key).status_code == 201
    assert bank.transfer(source, destination, key=key).headers["Idempotency-Replayed"] == "true"


def test_a_repeated_payment_gets_the_first_answer_again(bank: Bank) -> None:
    source, destination = bank.a_wallet(1000), bank.a_wallet()
    more = {"key": "k", "reference": "r", "metadata": {"zz": "1", "b": "2", "a": "3"}}
    first = bank.transfer(source, destination, **more)
    bank.transfer(source, destination)
    again = bank.transfer(source, destination, **more)
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert bank.balance(source) == 800


def test_a_repeated_refusal_is_the_same_although_it_would_succeed_now(bank: Bank) -> None:
    source, destination = bank.a_wallet(50), bank.a_wallet()
    first = bank.transfer(source, destination, key="k")
    bank.post("/v1/replenishments", {"wallet_id": source, "amount": 500, "currency": "USD"})
    again = bank.transfer(source, destination, key="k")
    assert_problem(again, 422, "insufficient-funds")
    assert again.data == first.data
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["X-Request-Id"] != again.json["request_id"]
    assert bank.balance(source) == 550


def test_a_repeated_account_is_as_it_was_when_it_was_opened(bank: Bank) -> None:
    body = {"name": "Ada", "reference": "r", "metadata": {"zz": "1", "b": "2"}}
    first = bank.post("/v1/accounts", body, key="k")
    wallet_id = first.json["wallets"][0]["id"]
    bank.post("/v1/replenishments", {"wallet_id": wallet_id, "amount": 5, "currency": "USD"})
    again = bank.post("/v1/accounts", body, key="k")
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(bank.get("/v1/accounts")["data"]) == 1


def test_without_keys_two_equal_requests_open_two_accounts(bank: Bank) -> None:
    first, second = [bank.client.post("/v1/accounts", json={"name": "Ada"}) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json["id"] != second.json["id"]
    assert "Idempotency-Replayed" not in second.headers


DIFFERENT: dict[str, dict[str, Any]] = {
    "another amount": {"amount": 101},
    "a field more": {"description": "x"},
    "an optional field sent as null": {"reference": None},
    "other metadata": {"metadata": {"a": "1"}},
}


@pytest.mark.parametrize("change", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_a_key_belongs_to_one_request(bank: Bank, change: dict[str, Any]) -> None:
    source, destination = bank.a_wallet(1000), bank.a_wallet()
    bank.transfer(source, destination, key="k")
    reused = bank.transfer(source, destination, key="k", **change)
    problem = assert_problem(reused, 422, "idempotency-key-reused")
    assert problem["request_id"] == reused.headers["X-Request-Id"]
    assert "Idempotency-Replayed" not in reused.headers
    assert bank.balance(source) == 900


def test_a_key_belongs_to_one_operation(bank: Bank) -> None:
    wallet = bank.a_wallet(1000)
    bank.transfer(wallet, bank.a_wallet(), key="k")
    fields = {"wallet_id": wallet, "amount": 100, "currency": "USD"}
    for path in ("/v1/replenishments", "/v1/withdrawals"):
        assert_problem(bank.post(path, fields, key="k"), 422, "idempotency-key-reused")


def test_a_key_belongs_to_one_step_of_one_account(bank: Bank) -> None:
    ada, bob = (bank.open_account()["id"] for _ in range(2))
    assert bank.post(f"/v1/accounts/{ada}/freeze", {}, key="k").status_code == 200
    for path in (f"/v1/accounts/{ada}/unfreeze", f"/v1/accounts/{bob}/freeze"):
        assert_problem(bank.post(path, {}, key="k"), 422, "idempotency-key-reused")
    change = bank.patch(f"/v1/accounts/{ada}", {"version": 2}, key="k")
    assert_problem(change, 422, "idempotency-key-reused")


def test_the_order_of_members_and_white_space_do_not_make_another_request(bank: Bank) -> None:
    source, destination = bank.a_wallet(1000), bank.a_wallet()
    headers = {"Idempotency-Key": "k"}
    body = a_transfer(source, destination) | {"metadata": {"a": "1", "b": "2"}}
    bank.client.post("/v1/transfers", json=body, headers=headers)
    turned = dict(reversed(body.items())) | {"metadata": {"b": "2", "a": "1"}}
    again = bank.client.post("/v1/transfers", json=turned, headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_missing_key_is_reported_before_wrong_fields(memory_bank: Bank) -> None:
    response = memory_bank.client.post("/v1/transfers", json={"colour": "red"})
    assert_problem(response, 400, "idempotency-key-required")


def test_unreadable_json_is_reported_before_a_missing_key(memory_bank: Bank) -> None:
    response = memory_bank.client.post("/v1/transfers", data="{", content_type="application/json")
    assert_problem(response, 400, "malformed-json")


def test_wrong_fields_are_reported_before_a_replay(memory_bank: Bank) -> None:
    source, destination = memory_bank.a_wallet(1000), memory_bank.a_wallet()
    memory_bank.transfer(source, destination, key="k")
    response = memory_bank.transfer(source, destination, key="k", amount=0)
    assert_problem(response, 422, "validation-failed")
