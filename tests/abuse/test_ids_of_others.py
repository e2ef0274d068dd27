"""Whatever id of another account a bound key puts wherever an id can stand, it finds nothing."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from adapters.system import new_id
from domain.scope import BOUND
from entrypoints.http.batches import OPERATIONS
from entrypoints.http.operations import Operation
from tests.entrypoints.bank import Bank
from tests.entrypoints.contract import contract_client
from tests.entrypoints.routes import name_of, operations
from tests.entrypoints.test_bound_keys import Town, ask, put_in, things_of, unknown
from tests.stage import Stage
from tests.webhooks.builders import deliveries, fan_out

# What a key that is bound to an account may ask for. Whoever adds to it has thought of others' ids there.
OPEN_TO_BOUND_KEYS = {
    "listAccounts", "getAccount", "listWallets", "getWallet", "listCurrencies", "listWalletPostings",
    "getWalletBalance", "getWalletStatement", "createWithdrawal", "createTransfer", "createSplit",
    "createHold", "captureHold", "voidHold", "listHolds", "getHold", "listTransactions",
    "getTransaction", "listReversals", "createBatch",
}  # fmt: skip
# Ids that name no thing of an account: a seal's number, what a client has called a request.
OF_NOBODY = {"block", "request_id"}


STRANGERS_IDS = (
    *("account_id", "wallet_id", "transaction_id", "hold_id", "api_key_id", "quote_id"),
    *("webhook_endpoint_id", "webhook_delivery_id", "resource_id"),
)


@pytest.fixture
def town(admin: Bank, stage: Stage) -> Town:
    """Bob has one of everything that has an id."""
    ada, bob = things_of(admin, "Ada"), things_of(admin, "Bob")
    key = admin.an_api_key("app", *sorted(BOUND), account_id=ada["account_id"])
    app = Bank(contract_client(admin.client.application, key["secret"]))
    town = Town(admin=admin, app=app, ada=ada, bob=bob)
    endpoint = {"url": "https://shop.example.com/hook", "event_types": ["*"]}
    made = town.admin.post("/v1/webhook-endpoints", endpoint).json["id"]
    town.admin.transfer(town.bob["wallet_id"], town.admin.a_wallet())
    fan_out(stage)
    sent = deliveries(stage, UUID(made))
    town.bob.update(
        {
            "quote_id": town.admin.a_quote()["id"],
            "webhook_endpoint_id": made,
            "webhook_delivery_id": str(sent[0].id),
            "resource_id": town.bob["account_id"],
        }
    )
    assert set(town.bob) == set(STRANGERS_IDS)
    return town


def names_in(value: Any) -> Iterator[str]:
    """Names of members at any depth."""
    if isinstance(value, dict):
        yield from value
    for each in value.values() if isinstance(value, dict) else value if type(value) is list else ():
        yield from names_in(each)


def test_what_is_open_to_bound_keys_is_so_on_purpose() -> None:
    assert {each.id for each in operations() if each.bound is not None} == OPEN_TO_BOUND_KEYS


@pytest.mark.parametrize("operation", operations(), ids=name_of)
def test_every_place_for_an_id_is_known_here(operation: Operation) -> None:
    """A new kind of thing needs an owner in `town`, so that strangers' ids of it are tried."""
    path = set(re.findall("<([a-z_]+)>", operation.rule))
    query = set(operation.query().fields) if operation.method == "GET" else set()
    body = set(names_in(getattr(operation, "body_example", None)))
    places = path | {name for name in query | body if name.endswith("_id")}
    for place in places - OF_NOBODY:
        assert any(place.endswith(kind) for kind in STRANGERS_IDS), place


def test_a_strangers_id_is_as_good_as_none(town: Town) -> None:
    before = town.admin.everything()
    for operation in operations():
        status, text = ask(town.app, operation, town.bob)
        assert (status, text) == ask(town.app, operation, unknown(town.bob)), operation.id
        assert (status == 403) == (operation.id not in OPEN_TO_BOUND_KEYS), operation.id
        assert "Bob" not in text, operation.id
    assert town.admin.everything() == before


def test_in_a_batch_neither(town: Town) -> None:
    before = town.admin.everything()
    for operation in OPERATIONS:
        status, text = in_a_batch(town, operation, town.bob)
        assert (status, text) == in_a_batch(town, operation, unknown(town.bob)), operation.id
        assert status in ((200, 403) if operation.id in OPEN_TO_BOUND_KEYS else (403,)), text
        assert '"status":2' not in text, operation.id
    assert town.admin.everything() == before


def in_a_batch(town: Town, operation: Any, things: dict[str, str]) -> tuple[int, str]:
    """Status and text of the answer to a batch of one, with the ids named by their kind."""
    named = {name: things[name] for name in re.findall("<([a-z_]+)>", operation.rule)}
    item = {"type": operation.name, **named, **put_in(operation.body_example or {}, things)}
    headers = {"Idempotency-Key": str(new_id()), "X-Request-Id": "mine"}
    body = {"mode": "independent", "operations": [item]}
    answer = town.app.client.post("/v1/batches", json=body, headers=headers)
    text = answer.text
    for name, id in things.items():
        text = text.replace(id, f"<{name}>")
    return answer.status_code, text
