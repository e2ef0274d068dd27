"""A key that is bound to an account sees and spends what is that account's, as if there were nothing else."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.system import new_id
from domain.scope import BOUND
from entrypoints.http.operations import Operation
from tests.entrypoints.bank import Bank, a_journal, a_transfer, assert_problem
from tests.entrypoints.contract import contract_client
from tests.entrypoints.routes import name_of, operations

EVERY = pytest.mark.parametrize("operation", operations(), ids=name_of)
READS = [each for each in operations() if each.method == "GET"]


@dataclass(frozen=True)
class Town:
    """Ada's app has a key that is bound to her account; what is Bob's is none of its business."""

    admin: Bank
    app: Bank
    ada: dict[str, str]
    bob: dict[str, str]


def things_of(admin: Bank, name: str) -> dict[str, str]:
    """Ids of what an account has, under the names that they have in paths or bodies."""
    account = admin.open_account(name=name, reference=name)
    wallet = account["wallets"][0]["id"]
    fields = {"wallet_id": wallet, "amount": 1000, "currency": "USD", "reference": f"salary {name}"}
    return {
        "account_id": account["id"],
        "wallet_id": wallet,
        "transaction_id": admin.post("/v1/replenishments", fields).json["id"],
        "hold_id": admin.a_hold(wallet, 10, reference=f"hold {name}")["id"],
        "api_key_id": admin.an_api_key(name)["id"],
    }


@pytest.fixture
def town(admin: Bank) -> Town:
    ada, bob = things_of(admin, "Ada"), things_of(admin, "Bob")
    key = admin.an_api_key("app", *sorted(BOUND), account_id=ada["account_id"])
    app = Bank(contract_client(admin.client.application, key["secret"]))
    return Town(admin=admin, app=app, ada=ada, bob=bob)


def unknown(things: dict[str, str]) -> dict[str, str]:
    """As many ids that nothing has."""
    return {kind: str(new_id()) for kind in things}


def put_in(value: Any, things: dict[str, str], name: str = "") -> Any:
    """A path or a body with these things' ids in it."""
    if isinstance(value, dict):
        return {key: put_in(item, things, key) for key, item in value.items()}
    if isinstance(value, list):
        return [put_in(item, things, name) for item in value]
    if name == "idempotency_key":
        return str(new_id())
    kind = next((kind for kind in things if name.endswith(kind)), None)
    return value if kind is None else things[kind]


# What a request of these operations must have beside the ids.
NEEDED = {"getWalletStatement": {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}}


def ask(bank: Bank, operation: Operation, things: dict[str, str], **query: str) -> tuple[int, str]:
    """Status and text of the answer, in which the ids that were asked for are named by their kind."""
    path = re.sub("<([a-z_]+)>", lambda name: things.get(name[1], "1"), operation.rule)
    query = NEEDED.get(operation.id, {}) | query
    body = put_in(getattr(operation, "body_example", None), things)
    headers = {"Idempotency-Key": str(new_id()), "X-Request-Id": "mine"}
    response = bank.client.open(
        path, method=operation.method, json=body, headers=headers, query_string=query
    )
    text = response.text
    for kind, id in things.items():
        text = text.replace(id, f"<{kind}>")
    return response.status_code, text


@EVERY
def test_what_belongs_to_others_answers_as_if_it_did_not_exist(
    town: Town, operation: Operation
) -> None:
    of_bob = ask(town.app, operation, town.bob)
    assert of_bob == ask(town.app, operation, unknown(town.bob))
    # A list is empty of what is others'; in a batch each operation is answered as in its own POST.
    allowed = of_bob[0] == 200 and (operation.method == "GET" or operation.id == "createBatch")
    assert not allowed or "<" not in operation.rule
    assert allowed or of_bob[0] in (403, 404), of_bob
    assert (of_bob[0] == 403) == (operation.bound is None)


@EVERY
def test_nothing_that_is_asked_for_changes_what_others_have(
    town: Town, operation: Operation
) -> None:
    before = town.admin.everything()
    ask(town.app, operation, town.bob)
    assert town.admin.everything() == before


@pytest.mark.parametrize("operation", READS, ids=name_of)
def test_filters_find_nothing_of_others(town: Town, operation: Operation) -> None:
    for name in operation.query().fields:
        wanted = next((id for kind, id in town.bob.items() if name.endswith(kind)), None)
        if name == "reference":
            wanted = {"listAccounts": "Bob", "listHolds": "hold Bob"}.get(
                operation.id, "salary Bob"
            )
        if wanted is None or operation.bound is None:
            continue
        nothing = str(new_id())
        found = ask(town.app, operation, town.ada, **{name: wanted})
        none = ask(town.app, operation, town.ada, **{name: nothing})
        assert found == none, name
        assert found[1] == '{"data":[],"next_cursor":null}'


@pytest.mark.parametrize("operation", READS, ids=name_of)
def test_ids_of_others_stand_in_no_answer(town: Town, operation: Operation) -> None:
    town.admin.transfer(town.bob["wallet_id"], town.ada["wallet_id"])
    _, text = ask(town.app, operation, town.ada)
    shown = [kind for kind, id in town.bob.items() if id in text]
    assert shown in ([], ["wallet_id"] if "/transactions" in operation.rule else [])


def test_ones_own_is_shown_whole(town: Town) -> None:
    for path in ("accounts", "wallets", "holds", "transactions"):
        id = town.ada[path.removesuffix("s") + "_id"]
        own = town.admin.get(f"/v1/{path}/{id}")
        assert town.app.get(f"/v1/{path}/{id}") == own
        assert town.app.get(f"/v1/{path}")["data"] == [own]
    history = f"/v1/wallets/{town.ada['wallet_id']}/postings"
    assert town.app.get(history) == town.admin.get(history)


def test_lists_of_ones_own_have_pages(town: Town) -> None:
    made = [town.app.transfer(town.ada["wallet_id"], town.bob["wallet_id"]) for _ in range(3)]
    town.admin.transfer(town.bob["wallet_id"], town.admin.a_wallet())
    ids, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = town.app.get("/v1/transactions", **query)
        ids += [each["id"] for each in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert ids == [each.json["id"] for each in reversed(made)] + [town.ada["transaction_id"]]


def test_a_payment_shows_ones_own_balance_and_not_the_others(town: Town) -> None:
    body = a_transfer(town.ada["wallet_id"], town.bob["wallet_id"])
    made = town.app.post("/v1/transfers", body, key="k")
    again = town.app.post("/v1/transfers", body, key="k")
    dry = town.app.post("/v1/transfers", body | {"dry_run": True})
    listed = town.app.get("/v1/transactions")["data"][0]
    shown = town.app.get(f"/v1/transactions/{made.json['id']}")
    for each in (made.json, again.json, listed, shown):
        own, other = each["postings"]
        assert (own["balance_after"], own["wallet_version"]) == (900, 2)
        assert (other["balance_after"], other["wallet_version"]) == (None, None)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert dry.json["postings"][0]["balance_after"] == 800
    assert dry.json["postings"][1]["balance_after"] is None
    whole = town.admin.get(f"/v1/transactions/{made.json['id']}")
    assert whole["postings"][1]["balance_after"] == 1100


MONEY: dict[str, Any] = {
    "withdrawals": lambda source, _: {"wallet_id": source, "amount": 100, "currency": "USD"},
    "transfers": a_transfer,
    "splits": lambda source, to: {
        "source_wallet_id": source,
        "amount": 100,
        "currency": "USD",
        "shares": [{"wallet_id": to, "remainder": True}],
    },
    "holds": lambda source, to: {
        "wallet_id": source,
        "destination_wallet_id": to,
        "amount": 100,
        "currency": "USD",
    },
}


@pytest.mark.parametrize("dry", [False, True])
@pytest.mark.parametrize("kind", MONEY)
def test_money_leaves_ones_own_wallets_alone(town: Town, kind: str, dry: bool) -> None:
    ada, bob = town.ada["wallet_id"], town.bob["wallet_id"]
    own = town.app.post(f"/v1/{kind}", MONEY[kind](ada, bob) | {"dry_run": dry})
    assert own.status_code == (200 if dry else 201)
    before = town.admin.everything()
    others = town.app.post(f"/v1/{kind}", MONEY[kind](bob, ada) | {"dry_run": dry})
    assert assert_problem(others, 404, "wallet-not-found")["wallet_id"] == bob
    assert town.admin.everything() == before


def test_money_is_neither_brought_in_nor_booked_at_will(town: Town) -> None:
    ada, bob = town.ada["wallet_id"], town.bob["wallet_id"]
    fields = {"wallet_id": ada, "amount": 1, "currency": "USD"}
    assert_problem(town.app.post("/v1/replenishments", fields), 403, "forbidden")
    journal = a_journal((ada, -1), (bob, 1))
    assert_problem(town.app.post("/v1/transactions", journal), 403, "forbidden")


@pytest.mark.parametrize("mode", ["independent", "atomic"])
def test_in_a_batch_each_operation_is_confined_as_alone(town: Town, mode: str) -> None:
    ada, bob = town.ada["wallet_id"], town.bob["wallet_id"]
    good, bad = ({"type": "transfer", **a_transfer(*way)} for way in ((ada, bob), (bob, ada)))
    fine = town.app.post("/v1/batches", {"mode": mode, "operations": [good, good]}, key="fine")
    again = town.app.post("/v1/batches", {"mode": mode, "operations": [good, good]}, key="fine")
    assert again.json == fine.json
    shown = [each["resource"]["postings"] for each in fine.json["results"]]
    assert [postings[0]["balance_after"] for postings in shown] == [900, 800]
    assert [postings[1]["balance_after"] for postings in shown] == [None, None]
    before = town.admin.balance(bob)
    mixed = town.app.post("/v1/batches", {"mode": mode, "operations": [good, bad]})
    if mode == "atomic":
        assert assert_problem(mixed, 404, "wallet-not-found")["index"] == 1
    else:
        assert [each["status"] for each in mixed.json["results"]] == [201, 404]
    assert town.admin.balance(bob) - before == (0 if mode == "atomic" else 100)
    euros = {"type": "transfer", **a_transfer(ada, town.admin.a_wallet(currency="EUR"))}
    for dry in (False, True):
        body = {"mode": mode, "operations": [euros], "dry_run": dry}
        assert "cannot-be-paid" in town.app.post("/v1/batches", body).text
    fields = {"type": "replenishment", "wallet_id": ada, "amount": 1, "currency": "USD"}
    brought = town.app.post("/v1/batches", {"mode": mode, "operations": [fields]})
    assert_problem(brought, 403, "forbidden")


def test_conditions_name_ones_own_wallets_alone(town: Town) -> None:
    ada, bob = town.ada["wallet_id"], town.bob["wallet_id"]
    for available in (0, 10**9):
        conditions = [{"wallet_id": bob, "available_gte": available}]
        refused = town.app.transfer(ada, bob, conditions=conditions)
        assert_problem(refused, 404, "wallet-not-found")
    conditions = [{"wallet_id": ada, "available_gte": 1}]
    assert town.app.transfer(ada, bob, conditions=conditions).status_code == 201


def test_a_refusal_tells_of_ones_own_wallet_what_it_tells_anybody(town: Town) -> None:
    refused = town.app.transfer(town.ada["wallet_id"], town.bob["wallet_id"], amount=5000)
    assert assert_problem(refused, 422, "insufficient-funds")["available"] == 990


def test_a_refusal_does_not_tell_why_others_cannot_be_paid(town: Town) -> None:
    euros = town.admin.a_wallet(currency="EUR")
    for dry in (False, True):
        refused = town.app.transfer(town.ada["wallet_id"], euros, dry_run=dry)
        problem = assert_problem(refused, 422, "cannot-be-paid")
        assert set(problem) - {"wallet_id"} == {
            *("type", "title", "status", "detail", "code", "request_id")
        }
        assert "EUR" not in refused.text


def test_a_hold_ends_only_by_whoever_has_placed_it(town: Town) -> None:
    ada, bob = town.ada["wallet_id"], town.bob["wallet_id"]
    for step in ("void", "captures"):
        refused = town.app.post(f"/v1/holds/{town.ada['hold_id']}/{step}", {})
        assert_problem(refused, 409, "hold-not-yours")
    own = town.app.a_hold(ada, 20, destination_wallet_id=bob)
    captured = town.app.post(f"/v1/holds/{own['id']}/captures", {"amount": 5, "final": False})
    assert captured.json["postings"][1]["balance_after"] is None
    assert town.app.post(f"/v1/holds/{own['id']}/void", {}).status_code == 200
    assert town.admin.balance(ada) == 995


def test_a_key_of_a_time_without_keys_gives_nothing_away(bank: Bank, town: Town) -> None:
    ada, bob = town.ada["wallet_id"], town.bob["wallet_id"]
    paid = bank.transfer(ada, bob, key="mine").json
    bank.transfer(bob, ada, key="others")
    again = town.app.transfer(ada, bob, key="mine")
    assert (again.json["id"], again.json["postings"][1]["balance_after"]) == (paid["id"], None)
    assert_problem(town.app.transfer(bob, ada, key="others"), 404, "wallet-not-found")


def test_no_bound_scope_is_useless_and_no_other_scope_is_bound() -> None:
    open_to_bound = {each.scope for each in operations() if each.bound is not None}
    assert open_to_bound == BOUND
