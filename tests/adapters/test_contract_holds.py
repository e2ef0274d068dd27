"""The contract of holds: what they reserve, what becomes of them, on every adapter."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from adapters.system import new_id
from domain.errors import (
    AccountFrozen,
    DestinationDiffers,
    ExceedsHold,
    HoldExpired,
    HoldNotFound,
    HoldNotPending,
    InsufficientFunds,
    ReferenceTaken,
)
from domain.hold import Hold, HoldStatus
from domain.idempotency import Outcome
from service_layer.command import Command
from service_layer.read_models import WalletView
from service_layer.sweep_holds import sweep_holds
from service_layer.transaction_filter import TransactionFilter
from tests.adapters.test_contract_audit import change_row
from tests.builders import a_caller, capture_hold, place_hold, replenish, transfer, void_hold
from tests.stage import Stage


def wallet_of(stage: Stage, wallet_id: UUID) -> WalletView:
    view: WalletView = stage.container.queries().wallet(wallet_id)
    return view


def money_of(stage: Stage, wallet_id: UUID) -> tuple[int, int, int]:
    """Balance, held, available."""
    view = wallet_of(stage, wallet_id)
    return view.balance, view.held, view.available


def hold_of(stage: Stage, hold_id: UUID) -> Hold:
    hold: Hold = stage.container.hold_queries().hold(hold_id)
    return hold


def holds_of(stage: Stage, **filters: Any) -> list[UUID]:
    none = {"wallet_id": None, "status": None, "reference": None, "before": None, "limit": 9}
    return [hold.id for hold in stage.container.hold_queries().holds(**(none | filters))]


def a_hold(stage: Stage, wallet_id: UUID, amount: int = 100, **rest: Any) -> UUID:
    command = place_hold(wallet_id, amount, **rest)
    assert stage.execute(command).refused is None
    return command.id


def refusal_of(stage: Stage, command: Command) -> type[Exception] | None:
    refused = stage.execute(command).refused
    return None if refused is None else type(refused)


def in_a_minute(stage: Stage) -> datetime:
    return stage.clock.now + timedelta(minutes=1)


def test_held_money_is_there_but_not_available(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    a_hold(stage, ada, 30)
    assert money_of(stage, ada) == (100, 30, 70)
    assert refusal_of(stage, transfer(ada, stage.a_wallet(), 71)) is InsufficientFunds
    assert refusal_of(stage, place_hold(ada, 71)) is InsufficientFunds
    assert refusal_of(stage, transfer(ada, stage.a_wallet(), 70)) is None
    assert money_of(stage, ada) == (30, 30, 0)


def test_a_hold_is_kept_as_it_was_asked_for(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    command = place_hold(
        ada,
        30,
        destination_wallet_id=bob,
        expires_at=in_a_minute(stage),
        reference="room 7",
        description='two "nights", {one} key \\',
        metadata={"b": "1", "a": ""},
    )
    stage.execute(command)
    assert hold_of(stage, command.id) == Hold(
        id=command.id,
        wallet_id=ada,
        destination_wallet_id=bob,
        amount=30,
        currency="USD",
        expires_at=in_a_minute(stage),
        reference="room 7",
        description='two "nights", {one} key \\',
        metadata={"b": "1", "a": ""},
        actor="tester",
        request_id=command.caller.request_id,
        created_at=stage.clock.now,
        updated_at=stage.clock.now,
    )


def test_a_capture_pays_the_destination_of_the_hold(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    hold = a_hold(stage, ada, 80, destination_wallet_id=bob)
    outcome = stage.execute(capture_hold(hold))
    assert outcome.transaction is not None
    assert (outcome.transaction.type, outcome.transaction.hold_id) == ("capture", hold)
    assert stage.container.queries().transaction(outcome.transaction.id) == outcome.transaction
    assert money_of(stage, ada) == (20, 0, 20)
    assert stage.balance(bob) == 80
    assert (hold_of(stage, hold).status, hold_of(stage, hold).captured) == ("captured", 80)


def test_a_capture_pays_the_wallet_that_it_names_when_the_hold_names_none(stage: Stage) -> None:
    ada, bob, eve = stage.a_wallet(100), stage.a_wallet(), stage.a_wallet()
    hold = a_hold(stage, ada, 80)
    stage.execute(capture_hold(hold, 30, final=False, destination_wallet_id=bob))
    stage.execute(capture_hold(hold, 50, destination_wallet_id=eve))
    assert (stage.balance(bob), stage.balance(eve)) == (30, 50)
    assert money_of(stage, ada) == (20, 0, 20)


def test_a_capture_without_a_destination_pays_out_of_the_books(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    outcome = stage.execute(capture_hold(a_hold(stage, ada, 80)))
    assert outcome.transaction is not None
    outside = outcome.transaction.postings[1]
    assert (outside.amount, outside.wallet_version) == (80, None)
    assert money_of(stage, ada) == (20, 0, 20)


def test_a_capture_that_is_not_final_keeps_the_rest_reserved(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    hold = a_hold(stage, ada, 80)
    stage.execute(capture_hold(hold, 30, final=False))
    assert money_of(stage, ada) == (70, 50, 20)
    stage.execute(capture_hold(hold, 10))
    assert money_of(stage, ada) == (60, 0, 60)
    assert hold_of(stage, hold).captured == 40


def test_a_whole_overdraft_can_be_held_then_captured(stage: Stage) -> None:
    ada = stage.a_wallet(10)
    change_row(stage, ada, overdraft_limit=90)
    hold = a_hold(stage, ada, 100)
    assert refusal_of(stage, transfer(ada, stage.a_wallet(), 1)) is InsufficientFunds
    assert refusal_of(stage, capture_hold(hold)) is None
    assert money_of(stage, ada) == (-90, 0, -90)


def test_voiding_frees_what_remains(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    hold = a_hold(stage, ada, 80)
    stage.execute(capture_hold(hold, 30, final=False))
    outcome = stage.execute(void_hold(hold))
    assert outcome.body is not None
    assert (outcome.body["status"], outcome.body["remaining"]) == ("voided", 0)
    assert money_of(stage, ada) == (70, 0, 70)
    assert hold_of(stage, hold).captured == 30


def test_what_cannot_be_done_with_a_hold_is_refused_by_name(stage: Stage) -> None:
    ada, bob = stage.a_wallet(500), stage.a_wallet()
    captured, voided, pending, fleeting = (
        a_hold(stage, ada, 100, **more)
        for more in ({}, {}, {"destination_wallet_id": bob}, {"expires_at": in_a_minute(stage)})
    )
    stage.execute(capture_hold(captured))
    stage.execute(void_hold(voided))
    stage.clock.move(minutes=1)
    before = [hold_of(stage, id) for id in (captured, voided, pending, fleeting)]
    wrong: list[tuple[Command, type[Exception]]] = [
        (capture_hold(captured), HoldNotPending),
        (void_hold(captured), HoldNotPending),
        (capture_hold(voided), HoldNotPending),
        (void_hold(voided), HoldNotPending),
        (capture_hold(fleeting), HoldExpired),
        (void_hold(fleeting), HoldExpired),
        (capture_hold(pending, 101), ExceedsHold),
        (capture_hold(pending, 1, destination_wallet_id=ada), DestinationDiffers),
        (capture_hold(new_id()), HoldNotFound),
        (void_hold(new_id()), HoldNotFound),
        (place_hold(ada, 1, expires_at=stage.clock.now), HoldExpired),
    ]
    assert [refusal_of(stage, command) for command, _ in wrong] == [error for _, error in wrong]
    assert [hold_of(stage, id) for id in (captured, voided, pending, fleeting)] == before
    assert money_of(stage, ada) == (400, 100, 300)


def test_an_expired_hold_counts_no_longer_from_its_instant_on(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    hold = a_hold(stage, ada, 80, expires_at=in_a_minute(stage))
    instant = in_a_minute(stage)
    stage.clock.move(seconds=59.999999)
    assert money_of(stage, ada) == (100, 80, 20)
    assert hold_of(stage, hold).status == "pending"
    assert refusal_of(stage, transfer(ada, bob, 21)) is InsufficientFunds
    stage.clock.move(seconds=0.000001)
    assert money_of(stage, ada) == (100, 0, 100)
    assert (hold_of(stage, hold).status, hold_of(stage, hold).updated_at) == ("expired", instant)
    assert wallet_of(stage, ada).updated_at == instant
    (account,) = stage.container.queries().accounts(reference=None, before=None, limit=9)[-1:]
    assert [each.available for each in account.wallets] == [100]


@pytest.mark.parametrize("amount", [100, 101])
def test_the_next_payment_notes_what_has_expired_even_when_it_is_refused(
    stage: Stage, amount: int
) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    later = stage.clock.now + timedelta(hours=1)
    first = a_hold(stage, ada, 30, expires_at=in_a_minute(stage))
    second = a_hold(stage, ada, 30, expires_at=in_a_minute(stage))
    stage.execute(capture_hold(second, 5, final=False, destination_wallet_id=bob))
    third = a_hold(stage, ada, 20, expires_at=later)
    stage.clock.move(minutes=2)
    seen = wallet_of(stage, ada), hold_of(stage, first), hold_of(stage, second)
    refused = refusal_of(stage, transfer(ada, bob, amount - 25))
    assert refused is (None if amount == 100 else InsufficientFunds)
    assert stored_held(stage, ada) == 20
    assert seen[1:] == (hold_of(stage, first), hold_of(stage, second))
    assert hold_of(stage, third).status == "pending"
    if refused:
        assert wallet_of(stage, ada) == seen[0]


def stored_held(stage: Stage, wallet_id: UUID) -> int:
    """What the wallet's row says, whatever the time."""
    now, stage.clock.now = stage.clock.now, datetime(2000, 1, 1, tzinfo=stage.clock.now.tzinfo)
    try:
        return wallet_of(stage, wallet_id).held
    finally:
        stage.clock.now = now


def test_a_sweep_notes_what_has_expired_without_showing_anything_new(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet(100)
    holds = [
        a_hold(stage, wallet, 10, expires_at=in_a_minute(stage)) for wallet in (ada, bob, ada, ada)
    ]
    lasting = a_hold(stage, ada, 7)
    sweeper = stage.container.hold_sweeper()
    assert sweep_holds(sweeper) == 0
    stage.clock.move(minutes=1)
    seen = [wallet_of(stage, ada), wallet_of(stage, bob), *(hold_of(stage, id) for id in holds)]
    assert stored_held(stage, ada) == 37
    assert sweep_holds(sweeper, batch_size=3) == 4
    assert (stored_held(stage, ada), stored_held(stage, bob)) == (7, 0)
    assert seen == [
        wallet_of(stage, ada),
        wallet_of(stage, bob),
        *(hold_of(stage, id) for id in holds),
    ]
    assert hold_of(stage, lasting).status == "pending"
    assert sweep_holds(sweeper) == 0


def test_a_sweep_takes_no_more_than_its_batch(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    for _ in range(5):
        a_hold(stage, ada, 10, expires_at=in_a_minute(stage))
    stage.clock.move(minutes=1)
    sweeper = stage.container.hold_sweeper()
    assert sweeper.sweep(2) == 2
    assert stored_held(stage, ada) == 30
    assert money_of(stage, ada) == (100, 0, 100)
    assert stage.findings() == ()


def test_holds_of_one_batch_see_each_other(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    hold = a_hold(stage, ada, 60, destination_wallet_id=bob)
    results = stage.run(
        capture_hold(hold, 20, final=False),
        capture_hold(hold, 41),
        place_hold(ada, 41),
        void_hold(hold),
        capture_hold(hold),
        place_hold(ada, 80),
        transfer(ada, bob, 1),
        replenish(ada, 1),
        transfer(ada, bob, 1),
    )
    refused = [type(each.refused) for each in results if isinstance(each, Outcome)]
    none = type(None)
    assert refused == [
        *(none, ExceedsHold, InsufficientFunds, none, HoldNotPending),
        *(none, InsufficientFunds, none, none),
    ]
    assert money_of(stage, ada) == (80, 80, 0)


def test_a_frozen_wallet_takes_no_hold_and_no_capture_but_can_be_voided(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    hold = a_hold(stage, ada, 50)
    freeze(stage, ada)
    assert refusal_of(stage, place_hold(ada, 1)) is AccountFrozen
    assert refusal_of(stage, capture_hold(hold)) is AccountFrozen
    assert refusal_of(stage, void_hold(hold)) is None
    assert money_of(stage, ada) == (100, 0, 100)
    freeze(stage, ada, "active")


def freeze(stage: Stage, wallet_id: UUID, status: str = "frozen") -> None:
    change_row(stage, wallet_id, status=status)


def test_the_same_request_again_has_the_first_answer_again(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    placing = place_hold(ada, 60, caller=a_caller("placing"))
    first = stage.execute(placing)
    stage.clock.move(hours=1)
    capturing = capture_hold(placing.id, 10, final=False, caller=a_caller("capturing"))
    captured = stage.execute(capturing)
    voiding = void_hold(placing.id, caller=a_caller("voiding"))
    voided = stage.execute(voiding)
    again = [
        stage.execute(place_hold(ada, 60, caller=a_caller("placing"))),
        stage.execute(capture_hold(placing.id, 10, caller=a_caller("capturing"))),
        stage.execute(void_hold(placing.id, caller=a_caller("voiding"))),
    ]
    assert all(each.replayed for each in again)
    assert [each.body for each in again] == [first.body, None, voided.body]
    assert again[1].transaction_id == captured.transaction_id == capturing.id
    assert money_of(stage, ada) == (90, 0, 90)


def test_a_reference_belongs_to_one_hold(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    hold = a_hold(stage, ada, 1, reference="room 7")
    assert refusal_of(stage, place_hold(ada, 1, reference="room 7")) is ReferenceTaken
    assert refusal_of(stage, transfer(ada, stage.a_wallet(), 1, reference="room 7")) is None
    assert holds_of(stage, reference="room 7") == [hold]
    results = stage.run(
        place_hold(ada, 1, reference="room 8"), place_hold(ada, 1, reference="room 8")
    )
    assert [type(r.refused) for r in results if isinstance(r, Outcome)] == [
        type(None),
        ReferenceTaken,
    ]


def test_holds_are_listed_newest_first_by_wallet_or_status(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet(100)
    captured, voided, fleeting, lasting = (
        a_hold(stage, ada, 10, **more) for more in ({}, {}, {"expires_at": in_a_minute(stage)}, {})
    )
    other = a_hold(stage, bob, 10, expires_at=in_a_minute(stage))
    stage.execute(capture_hold(captured))
    stage.execute(void_hold(voided))
    assert holds_of(stage) == [other, lasting, fleeting, voided, captured]
    assert holds_of(stage, wallet_id=ada) == [lasting, fleeting, voided, captured]
    assert holds_of(stage, before=lasting, limit=2) == [fleeting, voided]
    assert holds_of(stage, status=HoldStatus.PENDING) == [other, lasting, fleeting]
    assert holds_of(stage, status=HoldStatus.EXPIRED) == []
    stage.clock.move(minutes=1)
    assert holds_of(stage, status=HoldStatus.PENDING) == [lasting]
    assert holds_of(stage, status=HoldStatus.EXPIRED, limit=1) == [other]
    stage.execute(replenish(bob, 1))  # notes that one of the two has expired
    assert holds_of(stage, status=HoldStatus.EXPIRED) == [other, fleeting]
    assert holds_of(stage, status=HoldStatus.EXPIRED, wallet_id=ada) == [fleeting]
    assert holds_of(stage, status=HoldStatus.CAPTURED) == [captured]
    assert holds_of(stage, status=HoldStatus.VOIDED) == [voided]


def test_the_captures_of_a_hold_are_listed(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    hold = a_hold(stage, ada, 60)
    captures = [capture_hold(hold, 10, final=False), capture_hold(hold, 20)]
    stage.run(*captures, capture_hold(a_hold(stage, ada, 5)))
    found = stage.container.queries().transactions(
        TransactionFilter(hold_id=hold), before=None, limit=9
    )
    assert [each.id for each in found] == [captures[1].id, captures[0].id]
