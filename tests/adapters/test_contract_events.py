"""The contract of events: every committed change is one, in an order that can be followed; whose it was."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from adapters.system import new_id
from domain.audit_entry import Action, AuditEntry
from domain.event import EVENT_TYPES, Event
from domain.idempotency import Outcome
from domain.transaction import Transaction
from service_layer import event_queries
from service_layer.audit_filter import AuditFilter
from service_layer.event_json import event_to_json
from service_layer.event_queries import EventPage, EventQueries
from service_layer.hold_json import hold_to_json
from service_layer.sweep_holds import sweep_holds
from tests.adapters.test_contract_log import log_of, number
from tests.builders import (
    a_caller,
    capture_hold,
    open_account,
    place_hold,
    replenish,
    transfer,
    void_hold,
)
from tests.stage import Stage


def events_of(stage: Stage) -> EventQueries:
    queries: EventQueries = stage.container.events()
    return queries


def numbered(stage: Stage, *, after: int = 0, limit: int = 1000) -> list[Event]:
    """What the sequencer finds now, together with what it found before."""
    number(stage)
    return list(events_of(stage).after(after, limit=limit).events)


def types(events: list[Event]) -> list[str]:
    return [event.type for event in events]


def entries(
    stage: Stage, *, before: int | None = None, limit: int = 100, **wanted: Any
) -> list[AuditEntry]:
    return events_of(stage).entries(AuditFilter(**wanted), before=before, limit=limit)


def test_every_committed_change_is_an_event_in_the_order_in_which_it_was_made(
    stage: Stage,
) -> None:
    opening = open_account()
    stage.execute(opening)
    stage.execute(replenish(opening.wallet_id, 100))
    first, second = place_hold(opening.wallet_id, 10), place_hold(opening.wallet_id, 20)
    stage.run(first, second)
    stage.execute(capture_hold(first.id))
    stage.execute(void_hold(second.id))
    events = numbered(stage)
    assert [event.number for event in events] == [1, 2, 3, 4, 5, 6]
    assert types(events) == [
        "account.opened",
        "replenishment.created",
        "hold.placed",
        "hold.placed",
        "capture.created",
        "hold.voided",
    ]
    assert set(types(events)) <= set(EVENT_TYPES)


def test_one_batch_is_told_in_the_order_of_its_commands_on_each_wallet(stage: Stage) -> None:
    wallet, other = stage.a_wallet(100), stage.a_wallet()
    seen = len(numbered(stage))
    holding, early = place_hold(wallet, 10), place_hold(wallet, 1)
    stage.run(
        transfer(wallet, other, 1), holding, transfer(wallet, other, 1), early, void_hold(early.id)
    )
    stage.run(capture_hold(holding.id), transfer(wallet, other, 1))
    assert types(numbered(stage, after=seen)) == [
        "transfer.created",
        "hold.placed",
        "transfer.created",
        "hold.placed",
        "hold.voided",
        "capture.created",
        "transfer.created",
    ]


def test_an_event_carries_what_became_of_the_resource_with_who_asked_for_it(stage: Stage) -> None:
    opening = open_account(caller=replace(a_caller(), actor="ada", request_id="r-1"))
    outcome = stage.execute(opening)
    paid = stage.execute(replenish(opening.wallet_id, 5))
    assert paid.transaction is not None
    opened, posted = numbered(stage)
    assert event_to_json(opened) == {
        "number": 1,
        "type": "account.opened",
        "created_at": "2026-01-01T00:00:00.000000Z",
        "actor": "ada",
        "request_id": "r-1",
        "resource_type": "account",
        "resource_id": str(opening.id),
        "data": outcome.body,
    }
    assert list(event_to_json(opened)["data"]) == list(outcome.body or ())
    assert posted.of == paid.transaction
    assert event_to_json(posted)["resource_id"] == str(paid.transaction.id)


def test_what_was_refused_rehearsed_or_repeated_is_no_event(stage: Stage) -> None:
    wallet = stage.a_wallet()
    before = len(numbered(stage))
    again = open_account(caller=a_caller("once"))
    stage.execute(again)
    stage.execute(replace(again, id=new_id(), wallet_id=new_id()))
    stage.execute(place_hold(wallet, 1))
    stage.execute(open_account(caller=replace(a_caller(), dry_run=True)))
    assert types(numbered(stage, after=before)) == ["account.opened"]


def test_the_transactions_have_the_same_order_as_in_the_log(stage: Stage) -> None:
    wallet = stage.a_wallet(50)
    for _ in range(3):
        stage.clock.move(seconds=-1)
        stage.run(place_hold(wallet, 1), replenish(wallet, 1), open_account(), replenish(wallet, 1))
    found = [event.of for event in numbered(stage) if isinstance(event.of, Transaction)]
    assert [each.transaction for each in log_of(stage)] == found


def test_events_are_read_in_pages_that_end_where_they_end(stage: Stage) -> None:
    for _ in range(5):
        stage.execute(open_account())
    number(stage)
    read = events_of(stage).after
    pages = [read(after, limit=2) for after in (0, 2, 4, 5, 99)]
    assert [[it.number for it in page.events] for page in pages] == [[1, 2], [3, 4], [5], [], []]
    assert [page.next for page in pages] == [2, 4, 5, 5, 99]


def test_a_new_event_cannot_be_read_before_it_has_its_number(stage: Stage) -> None:
    stage.execute(open_account())
    assert events_of(stage).after(0, limit=10) == EventPage(events=(), next=0)
    assert types(numbered(stage)) == ["account.opened"]
    stage.execute(open_account())
    assert events_of(stage).after(1, limit=10) == EventPage(events=(), next=1)


def test_a_page_of_one_type_passes_over_the_others(stage: Stage) -> None:
    wallet = stage.a_wallet(10)
    stage.clock.move(seconds=1)
    stage.a_wallet(10)
    stage.execute(place_hold(wallet, 1))
    number(stage)
    page = events_of(stage).after(0, type="account.opened", limit=2)
    assert ([it.number for it in page.events], page.next) == ([1, 3], 3)
    page = events_of(stage).after(3, type="account.opened", limit=2)
    assert (page.events, page.next) == ((), 5)


def test_a_search_for_one_type_looks_at_so_many_events_and_says_where_to_go_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"adapters.{'memory' if stage.url is None else 'postgres'}.events"
    monkeypatch.setattr(f"{module}.LOOKED_AT_MAX", 3)
    wallet = stage.a_wallet()
    stage.run(*(replenish(wallet, 1) for _ in range(5)))
    stage.run(place_hold(wallet, 1), place_hold(wallet, 1))
    number(stage)
    pages = [events_of(stage).after(after, type="hold.placed", limit=9) for after in (0, 3, 6)]
    assert [[it.number for it in page.events] for page in pages] == [[], [], [7, 8]]
    assert [page.next for page in pages] == [3, 6, 8]
    assert event_queries.LOOKED_AT_MAX == 1000


def test_all_that_a_key_or_a_request_has_done_is_found_whatever_it_was(stage: Stage) -> None:
    thief = replace(a_caller(), actor="stolen", request_id="r-1")
    wallet, other = stage.a_wallet(100), stage.a_wallet()
    holding = place_hold(wallet, 10, caller=thief)
    stage.execute(holding)
    stage.execute(transfer(wallet, other, 7))
    stolen = replace(a_caller(), actor="stolen", request_id="r-2")
    stage.execute(transfer(wallet, other, 5, caller=stolen))
    number(stage)
    found = events_of(stage).after(0, actor="stolen", limit=10).events
    assert types(list(found)) == ["hold.placed", "transfer.created"]
    (paid,) = events_of(stage).after(0, request_id="r-2", limit=10).events
    assert (paid.type, paid.of.actor) == ("transfer.created", "stolen")
    nothing = events_of(stage).after(0, actor="tester", request_id="r-2", limit=10)
    assert nothing.events == ()
    (held,) = events_of(stage).after(0, actor="stolen", type="hold.placed", limit=10).events
    assert held.resource_id == holding.id


def test_a_hold_that_a_payment_finds_expired_is_an_event_that_nobody_asked_for(
    stage: Stage,
) -> None:
    wallet, other = stage.a_wallet(100), stage.a_wallet()
    end = stage.clock.now + timedelta(minutes=1)
    command = place_hold(wallet, 100, expires_at=end)
    stage.execute(command)
    seen = len(numbered(stage))
    stage.clock.move(minutes=2)
    stage.execute(transfer(wallet, other, 100))
    expired, paid = numbered(stage, after=seen)
    assert (expired.type, paid.type) == ("hold.expired", "transfer.created")
    assert isinstance(expired.of, AuditEntry)
    assert (expired.of.actor, expired.of.request_id) == ("system", None)
    assert expired.of.body == hold_to_json(stage.container.hold_queries().hold(command.id))
    assert expired.of.body["updated_at"] == "2026-01-01T00:01:00.000000Z"


def test_a_hold_that_the_sweep_finds_expired_is_the_same_event(stage: Stage) -> None:
    wallet = stage.a_wallet(100)
    end = stage.clock.now + timedelta(minutes=1)
    commands = [place_hold(wallet, 10, expires_at=end) for _ in range(2)]
    stage.run(*commands)
    seen = len(numbered(stage))
    stage.clock.move(minutes=2)
    assert sweep_holds(stage.container.hold_sweeper()) == 2
    events = numbered(stage, after=seen)
    assert {event.type for event in events} == {"hold.expired"}
    assert {event.resource_id for event in events} == {command.id for command in commands}
    assert sweep_holds(stage.container.hold_sweeper()) == 0
    assert numbered(stage, after=seen) == events


def test_the_audit_trail_has_every_change_that_is_no_transaction_newest_first(
    stage: Stage,
) -> None:
    wallet = stage.a_wallet(100)
    command = place_hold(wallet, 10)
    stage.execute(command)
    stage.execute(void_hold(command.id))
    found = entries(stage)
    assert [it.action for it in found] == [
        Action.HOLD_VOIDED,
        Action.HOLD_PLACED,
        Action.ACCOUNT_OPENED,
    ]
    assert [it.id for it in found] == sorted((it.id or 0 for it in found), reverse=True)
    assert [it.body["status"] for it in found] == ["voided", "pending", "active"]


def test_the_audit_trail_is_searched_by_whom_what_which_or_when(stage: Stage) -> None:
    def opened(actor: str) -> UUID:
        command = open_account(caller=replace(a_caller(), actor=actor))
        outcome = stage.execute(command)
        assert isinstance(outcome, Outcome)
        stage.clock.move(hours=1)
        return command.id

    start = stage.clock.now
    ada, bob, eve = opened("ada"), opened("bob"), opened("ada")
    stage.execute(place_hold(stage.a_wallet(5), 1))

    def found(**wanted: Any) -> list[UUID]:
        return [entry.resource_id for entry in entries(stage, **wanted)]

    assert found(actor="ada") == [eve, ada]
    assert found(resource_id=bob) == [bob]
    assert found(actor="bob", resource_id=ada) == []
    assert len(found(action="hold.placed")) == 1
    assert found(from_time=start, to_time=start + timedelta(hours=2)) == [bob, ada]
    assert found(from_time=start + timedelta(hours=1), actor="ada") == [eve]
    newest, *older = entries(stage)
    assert entries(stage, before=newest.id) == older
    assert entries(stage, limit=2) == [newest, older[0]]
