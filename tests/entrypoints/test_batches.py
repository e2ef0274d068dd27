"""Many operations in one request."""

from typing import Any

import pytest

from entrypoints.http.batches import OPERATIONS, OPERATIONS_MAX
from tests.entrypoints.bank import NOBODY, Bank, a_transfer, assert_problem

Operation = dict[str, Any]


def transfer(source: str, destination: str, **more: Any) -> Operation:
    return {"type": "transfer", **a_transfer(source, destination), **more}


def replenishment(wallet_id: str, amount: int, **more: Any) -> Operation:
    fields = {"wallet_id": wallet_id, "amount": amount, "currency": "USD"}
    return {"type": "replenishment", **fields, **more}


def a_batch(*operations: Operation, mode: str = "independent", **more: Any) -> dict[str, Any]:
    return {"mode": mode, "operations": list(operations), **more}


def results_of(bank: Bank, body: dict[str, Any], key: str | None = None) -> list[dict[str, Any]]:
    response = bank.post("/v1/batches", body, key=key)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json["results"]
    return found


def statuses(results: list[dict[str, Any]]) -> list[object]:
    return [each.get("problem", {}).get("code", each["status"]) for each in results]


def test_each_operation_has_the_result_that_its_own_post_would_have(bank: Bank) -> None:
    ada, bob = bank.a_wallet(150), bank.a_wallet()
    results = results_of(
        bank, a_batch(transfer(ada, bob), transfer(ada, bob), replenishment(bob, 7))
    )
    assert [each["status"] for each in results] == [201, 422, 201]
    assert {each["resource_type"] for each in results} == {"transaction"}
    assert results[0]["resource"] == bank.get(f"/v1/transactions/{results[0]['resource']['id']}")
    assert results[1]["problem"]["code"] == "insufficient-funds"
    assert results[1]["problem"]["wallet_id"] == ada
    assert "resource" not in results[1]
    assert (bank.balance(ada), bank.balance(bob)) == (50, 107)


def test_every_kind_of_operation_may_stand_in_a_batch(bank: Bank) -> None:
    account = bank.open_account()
    ada = account["wallets"][0]["id"]
    bob = bank.a_wallet()
    hold, other = (bank.a_hold(bank.a_wallet(100))["id"] for _ in range(2))
    paid = bank.transfer(bank.a_wallet(100), bob).json["id"]
    dollars = {"amount": 10, "currency": "USD"}
    operations: list[Operation] = [
        {"type": "account", "name": "Eve"},
        {"type": "update-account", "account_id": account["id"], "version": 1, "name": "Ada L."},
        {"type": "wallet", "account_id": account["id"], "currency": "EUR"},
        {"type": "update-wallet", "wallet_id": ada, "overdraft_limit": 500},
        replenishment(ada, 1000),
        {"type": "withdrawal", "wallet_id": ada, **dollars},
        transfer(ada, bob),
        {
            "type": "split",
            "source_wallet_id": ada,
            "shares": [{"wallet_id": bob, "remainder": True}],
            **dollars,
        },
        {
            "type": "journal",
            "postings": [
                {"wallet_id": ada, "amount": -3, "currency": "USD"},
                {"wallet_id": bob, "amount": 3, "currency": "USD"},
            ],
        },
        {"type": "reversal", "transaction_id": paid, "amount": 40},
        {"type": "hold", "wallet_id": ada, **dollars},
        {"type": "capture", "hold_id": hold},
        {"type": "void", "hold_id": other},
        {"type": "freeze-account", "account_id": account["id"]},
        {"type": "unfreeze-account", "account_id": account["id"]},
        {"type": "close-account", "account_id": bank.open_account()["id"]},
        {
            "type": "conversion",
            "quote_id": bank.a_quote()["id"],
            "source_wallet_id": bank.a_wallet(1050),
            "destination_wallet_id": bank.a_wallet(currency="EUR"),
        },
    ]
    assert {each["type"] for each in operations} >= {post.name for post in OPERATIONS}
    results = results_of(bank, a_batch(*operations, mode="atomic"))
    assert [each["status"] for each in results] == [
        201, 200, 201, 200, 201, 201, 201, 201, 201, 201, 201, 201, 200, 200, 200, 200,
        201,
    ]  # fmt: skip
    assert [each["resource_type"] for each in results[:4]] == [
        "account", "account", "wallet", "wallet",
    ]  # fmt: skip
    assert bank.get(f"/v1/holds/{other}") == results[12]["resource"]


def test_an_atomic_batch_is_refused_with_the_first_refusal_in_it(bank: Bank) -> None:
    ada, bob = bank.a_wallet(150), bank.a_wallet()
    before = bank.everything()
    operations = [transfer(ada, bob), transfer(ada, bob), replenishment(NOBODY, 1)]
    response = bank.post("/v1/batches", a_batch(*operations, mode="atomic"))
    problem = assert_problem(response, 422, "insufficient-funds")
    assert (problem["index"], problem["available"]) == (1, 50)
    assert bank.everything() == before


@pytest.mark.parametrize("mode", ["independent", "atomic"])
def test_a_repeated_batch_gets_the_first_answer_again(bank: Bank, mode: str) -> None:
    ada, bob = bank.a_wallet(100), bank.a_wallet()
    operations = [transfer(ada, bob), replenishment(ada, 7), {"type": "account", "name": "Eve"}]
    if mode == "independent":
        operations.append(transfer(ada, bob))
    body = a_batch(*operations, mode=mode)
    first = bank.post("/v1/batches", body, key="b")
    bank.post("/v1/replenishments", _body(replenishment(ada, 1000)))
    again = bank.post("/v1/batches", body, key="b")
    assert (again.status_code, again.data) == (200, first.data)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert bank.balance(bob) == 100


def test_another_batch_under_the_same_key_is_refused(bank: Bank) -> None:
    ada = bank.a_wallet()
    results_of(bank, a_batch(replenishment(ada, 7)), key="b")
    response = bank.post("/v1/batches", a_batch(replenishment(ada, 8)), key="b")
    assert_problem(response, 422, "idempotency-key-reused")
    assert bank.balance(ada) == 7


def test_an_operation_with_its_own_key_happens_once_alone_or_in_whatever_batch(bank: Bank) -> None:
    ada, bob = bank.a_wallet(1000), bank.a_wallet()
    alone = bank.transfer(ada, bob, key="order-1")
    inside = transfer(ada, bob, idempotency_key="order-1")
    for mode in ("independent", "atomic"):
        results = results_of(bank, a_batch(inside, replenishment(ada, 1), mode=mode))
        assert results[0]["resource"] == alone.json
    results_of(bank, a_batch(transfer(ada, bob, idempotency_key="order-2")))
    again = bank.transfer(ada, bob, key="order-2")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert bank.balance(bob) == 200


def test_the_place_of_an_operation_is_no_key_that_a_client_could_have_sent(bank: Bank) -> None:
    ada = bank.a_wallet()
    results_of(bank, a_batch(replenishment(ada, 7)), key="b")
    alone = bank.post("/v1/replenishments", _body(replenishment(ada, 7)), key="b#0")
    assert "Idempotency-Replayed" not in alone.headers
    assert bank.balance(ada) == 14


def test_a_dry_run_of_a_batch_does_nothing_and_has_no_ids(bank: Bank) -> None:
    ada, bob = bank.a_wallet(100), bank.a_wallet()
    before = bank.everything()
    operations = [transfer(ada, bob), {"type": "account", "name": "Eve"}, transfer(ada, bob)]
    response = bank.client.post("/v1/batches", json=a_batch(*operations, dry_run=True))
    results = response.json["results"]
    assert statuses(results) == [201, 201, "insufficient-funds"]
    assert results[0]["resource"]["id"] is None
    assert results[0]["resource"]["postings"][0]["wallet_id"] == ada
    opened = results[1]["resource"]
    assert (opened["id"], opened["wallets"][0]["id"], opened["wallets"][0]["account_id"]) == (
        None, None, None,
    )  # fmt: skip
    assert bank.everything() == before


def test_one_operation_may_be_a_dry_run(bank: Bank) -> None:
    ada, bob = bank.a_wallet(100), bank.a_wallet()
    body = a_batch(transfer(ada, bob, dry_run=True), transfer(ada, bob))
    assert statuses(results_of(bank, body)) == [201, 201]
    assert bank.balance(bob) == 100


def test_conditions_of_the_whole_batch_or_of_one_operation(bank: Bank) -> None:
    ada, bob = bank.a_wallet(100), bank.a_wallet()
    fails = [{"wallet_id": ada, "available_gte": 101}]
    whole = bank.post("/v1/batches", a_batch(transfer(ada, bob), conditions=fails))
    assert_problem(whole, 409, "condition-failed")
    body = a_batch(transfer(ada, bob, conditions=fails), transfer(ada, bob))
    assert statuses(results_of(bank, body)) == ["condition-failed", 201]


def test_a_batch_needs_a_key(bank: Bank) -> None:
    response = bank.client.post("/v1/batches", json=a_batch(replenishment(bank.a_wallet(), 7)))
    assert_problem(response, 400, "idempotency-key-required")


FAULTS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("no mode", {"operations": [replenishment(NOBODY, 1)]}, {"/mode"}),
    ("another mode", a_batch(replenishment(NOBODY, 1), mode="best-effort"), {"/mode"}),
    ("no operations", a_batch(), {"/operations"}),
    ("not a list", {"mode": "atomic", "operations": {}}, {"/operations"}),
    ("no objects", a_batch(7), {"/operations/0"}),  # type: ignore[arg-type]
    ("no type", a_batch({"amount": 1}), {"/operations/0/type"}),
    ("a type that is no text", a_batch({"type": []}), {"/operations/0/type"}),
    ("another type", a_batch({"type": "batch"}), {"/operations/0/type"}),
    ("an amount of 0", a_batch(replenishment(NOBODY, 0)), {"/operations/0/amount"}),
    ("a field too many", a_batch(replenishment(NOBODY, 1, tip=1)), {"/operations/0/tip"}),
    ("a bad key", a_batch(replenishment(NOBODY, 1, idempotency_key="a b")),
     {"/operations/0/idempotency_key"}),
    ("a path's id", a_batch({"type": "void", "hold_id": "7"}), {"/operations/0/hold_id"}),
    ("the second", a_batch(replenishment(NOBODY, 1), {"type": "void"}), {"/operations/1/hold_id"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "pointers"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)
def test_a_fault_in_the_form_of_one_operation_refuses_the_whole_request(
    memory_bank: Bank, body: dict[str, Any], pointers: set[str]
) -> None:
    problem = assert_problem(memory_bank.post("/v1/batches", body), 422, "validation-failed")
    assert {each["pointer"] for each in problem["errors"]} == pointers


def test_a_batch_has_a_limit(memory_bank: Bank) -> None:
    wallet_id = memory_bank.a_wallet()
    many = [replenishment(wallet_id, 1)] * (OPERATIONS_MAX + 1)
    problem = assert_problem(
        memory_bank.post("/v1/batches", a_batch(*many)), 422, "validation-failed"
    )
    assert problem["errors"] == [
        {"pointer": "/operations", "detail": "Must have 1 to 10000 operations."}
    ]
    assert len(results_of(memory_bank, a_batch(*many[1:]))) == OPERATIONS_MAX
    assert memory_bank.balance(wallet_id) == OPERATIONS_MAX


def test_a_batch_may_be_larger_than_other_bodies_yet_not_endless(memory_bank: Bank) -> None:
    wallet_id = memory_bank.a_wallet()
    fat = {f"{number}": "x" * 500 for number in range(50)}
    few = [replenishment(wallet_id, 1, metadata=fat) for _ in range(10)]
    assert len(results_of(memory_bank, a_batch(*few))) == 10
    response = memory_bank.post("/v1/batches", a_batch(*few * 70))
    assert_problem(response, 413, "body-too-large")


def _body(operation: Operation) -> dict[str, Any]:
    return {name: value for name, value in operation.items() if name != "type"}
