"""Events and the audit trail over HTTP."""

from typing import Any

import pytest

from domain.event import EVENT_TYPES
from tests.entrypoints.bank import Bank, assert_problem
from tests.stage import Stage


def number(stage: Stage) -> None:
    stage.container.sequencer().number_committed()


def test_events_are_read_in_order_from_where_the_reader_was(bank: Bank, stage: Stage) -> None:
    account = bank.open_account()
    wallet = account["wallets"][0]["id"]
    body = {"wallet_id": wallet, "amount": 500, "currency": "USD"}
    paid = bank.post("/v1/replenishments", body).json
    assert bank.get("/v1/events") == {"data": [], "next": 0}
    number(stage)
    page = bank.get("/v1/events", limit=1)
    assert page["next"] == 1
    (opened,) = page["data"]
    assert (opened["type"], opened["data"]) == ("account.opened", account)
    assert (opened["actor"], opened["resource_id"]) == ("default", account["id"])
    rest = bank.get("/v1/events", after=page["next"])
    (posted,) = rest["data"]
    assert (posted["number"], posted["type"], posted["data"]) == (2, "replenishment.created", paid)
    assert posted["resource_type"] == "transaction"
    assert bank.get("/v1/events", after=rest["next"]) == {"data": [], "next": 2}
    assert bank.get("/v1/events", after=10**17) == {"data": [], "next": 10**17}


def test_events_carry_the_request_that_asked_for_them(bank: Bank, stage: Stage) -> None:
    bank.client.post("/v1/accounts", json={"name": "Ada"}, headers={"X-Request-Id": "r-17"})
    number(stage)
    assert [event["request_id"] for event in bank.get("/v1/events")["data"]] == ["r-17"]


def test_what_one_key_or_one_request_has_done_can_be_asked_for(bank: Bank, stage: Stage) -> None:
    for request in ("r-17", "r-18"):
        bank.client.post("/v1/accounts", json={"name": "Ada"}, headers={"X-Request-Id": request})
    number(stage)
    assert [it["number"] for it in bank.get("/v1/events", request_id="r-18")["data"]] == [2]
    assert [it["number"] for it in bank.get("/v1/events", actor="default")["data"]] == [1, 2]
    assert bank.get("/v1/events", actor="nobody") == {"data": [], "next": 2}


def test_every_step_of_an_account_is_an_event_with_what_became_of_it(
    bank: Bank, stage: Stage
) -> None:
    account = bank.open_account()
    path, wallet = f"/v1/accounts/{account['id']}", account["wallets"][0]["id"]
    shown = [
        account,
        bank.client.patch(path, json={"version": 1, "name": "Bob"}).json,
        bank.post(f"{path}/freeze", {}).json,
        bank.post(f"{path}/unfreeze", {}).json,
        bank.post(f"{path}/wallets", {"currency": "EUR"}).json,
        bank.client.patch(f"/v1/wallets/{wallet}", json={"overdraft_limit": 5}).json,
        bank.post(f"{path}/close", {}).json,
    ]
    # What changes nothing is no event.
    bank.post(f"{path}/close", {})
    number(stage)
    events = bank.get("/v1/events")["data"]
    assert [event["type"] for event in events] == [
        "account.opened",
        "account.changed",
        "account.frozen",
        "account.unfrozen",
        "wallet.opened",
        "wallet.changed",
        "account.closed",
    ]
    assert [event["data"] for event in events] == shown


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"after": "-1"}, "?after"),
        ({"after": "x"}, "?after"),
        ({"after": "1" * 19}, "?after"),
        ({"limit": "0"}, "?limit"),
        ({"limit": "101"}, "?limit"),
        ({"type": "transfer"}, "?type"),
        ({"actor": ""}, "?actor"),
        ({"request_id": "r" * 129}, "?request_id"),
        ({"cursor": "x"}, "?cursor"),
    ],
)
def test_a_wrong_parameter_is_named(
    memory_bank: Bank, query: dict[str, str], parameter: str
) -> None:
    response = memory_bank.client.get("/v1/events", query_string=query)
    problem = assert_problem(response, 422, "validation-failed")
    assert [error["pointer"] for error in problem["errors"]] == [parameter]


@pytest.mark.parametrize("type", EVENT_TYPES)
def test_every_type_of_event_can_be_asked_for(memory_bank: Bank, type: str) -> None:
    assert memory_bank.get("/v1/events", type=type) == {"data": [], "next": 0}


def test_the_audit_trail_is_searched_and_paged(bank: Bank) -> None:
    first, second = bank.open_account(), bank.open_account()
    bank.post(f"/v1/accounts/{first['id']}/freeze", {})

    def found(**query: Any) -> list[str]:
        return [each["action"] for each in bank.get("/v1/audit-entries", **query)["data"]]

    assert found() == ["account.frozen", "account.opened", "account.opened"]
    assert found(resource_id=second["id"]) == ["account.opened"]
    assert found(action="account.frozen", actor="default") == ["account.frozen"]
    assert found(actor="nobody") == []
    assert found(to="2026-01-01T00:00:00Z") == []
    assert len(found(**{"from": "2026-01-01T00:00:00Z"})) == 3
    page = bank.get("/v1/audit-entries", limit=2)
    rest = bank.get("/v1/audit-entries", limit=2, cursor=page["next_cursor"])
    assert (len(page["data"]), rest["next_cursor"]) == (2, None)
    ids = [each["id"] for each in (*page["data"], *rest["data"])]
    assert ids == sorted(ids, reverse=True)
    assert rest["data"][0]["body"] == first
