"""Two processes at one hold at the same moment: one of them has it, the other is told so."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from domain.errors import ExceedsHold, HoldExpired, HoldNotPending, InsufficientFunds
from domain.hold import Hold
from domain.idempotency import Outcome
from service_layer.command import Command
from service_layer.run_batch import claims_of, decide
from service_layer.sweep_holds import sweep_holds
from tests.builders import capture_hold, place_hold, replenish, transfer, void_hold
from tests.concurrency.rig import a_rival, until_somebody_waits_for_a_lock
from tests.stage import Stage

SECONDS_MAX = 30
MINUTE = timedelta(minutes=1)
Act = Callable[[UUID], Command]


def hold_of(stage: Stage, hold_id: UUID) -> Hold:
    hold: Hold = stage.container.hold_queries().hold(hold_id)
    return hold


def refused(outcome: Outcome) -> type | None:
    return None if outcome.refused is None else type(outcome.refused)


def at_once(stage: Stage, first: Command, second: Callable[[], Any]) -> tuple[Outcome, Any]:
    """`first` has decided but not committed when `second` comes to the same wallet."""
    with a_rival(stage) as rival, ThreadPoolExecutor(1) as pool:
        with rival.container.unit_of_work() as unit:
            books = unit.open_books(claims_of([first]))
            outcome = decide(first, books)
            unit.write(books)
            waiting = pool.submit(second)
            until_somebody_waits_for_a_lock(stage.url or "")
            unit.commit()
        return outcome, waiting.result(SECONDS_MAX)


RACES: dict[str, tuple[Act, Act, type, int]] = {
    "two captures of all": (capture_hold, capture_hold, HoldNotPending, 100),
    "two captures of more than half": (
        lambda hold: capture_hold(hold, 51, final=False),
        lambda hold: capture_hold(hold, 51, final=False),
        ExceedsHold,
        51,
    ),
    "a capture, then a void": (capture_hold, void_hold, HoldNotPending, 100),
    "a void, then a capture": (void_hold, capture_hold, HoldNotPending, 0),
    "two voids": (void_hold, void_hold, HoldNotPending, 0),
}


@pytest.mark.parametrize(("first", "second", "error", "captured"), RACES.values(), ids=RACES.keys())
def test_of_two_steps_at_once_the_second_is_refused(
    postgres_stage: Stage, first: Act, second: Act, error: type, captured: int
) -> None:
    stage = postgres_stage
    ada = stage.a_wallet(500)
    hold = place_hold(ada, 100)
    stage.execute(hold)
    one, other = at_once(stage, first(hold.id), lambda: stage.execute(second(hold.id)))
    assert (refused(one), refused(other)) == (None, error)
    assert hold_of(stage, hold.id).captured == captured
    assert stage.balance(ada) == 500 - captured


def test_two_captures_that_both_fit_are_both_done(postgres_stage: Stage) -> None:
    stage = postgres_stage
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    hold = place_hold(ada, 100, destination_wallet_id=bob)
    stage.execute(hold)
    one, other = at_once(
        stage,
        capture_hold(hold.id, 50, final=False),
        lambda: stage.execute(capture_hold(hold.id, 50, final=False)),
    )
    assert (refused(one), refused(other)) == (None, None)
    assert (stage.balance(ada), stage.balance(bob)) == (0, 100)
    assert hold_of(stage, hold.id).status == "captured"


def test_a_hold_and_a_transfer_cannot_both_have_the_last_money(postgres_stage: Stage) -> None:
    stage = postgres_stage
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    one, other = at_once(stage, place_hold(ada, 60), lambda: stage.execute(transfer(ada, bob, 60)))
    assert (refused(one), refused(other)) == (None, InsufficientFunds)
    one, other = at_once(stage, transfer(ada, bob, 30), lambda: stage.execute(place_hold(ada, 30)))
    assert (refused(one), refused(other)) == (None, InsufficientFunds)


def with_a_hold_for_a_minute(stage: Stage) -> tuple[UUID, UUID]:
    ada = stage.a_wallet(100)
    hold = place_hold(ada, 80, expires_at=stage.clock.now + MINUTE)
    stage.execute(hold)
    return ada, hold.id


def test_who_captures_in_time_has_the_money_though_another_clock_is_ahead(
    postgres_stage: Stage,
) -> None:
    stage = postgres_stage
    ada, hold = with_a_hold_for_a_minute(stage)
    with a_rival(stage) as ahead:
        ahead.container.clock.override(lambda: stage.clock.now + MINUTE)
        one, swept = at_once(
            stage, capture_hold(hold), lambda: sweep_holds(ahead.container.hold_sweeper())
        )
    assert (refused(one), stage.balance(ada)) == (None, 20)
    assert (hold_of(stage, hold).status, swept) == ("captured", 0)


@pytest.mark.parametrize("balance", [100, 101])
def test_who_comes_when_it_is_over_is_too_late_though_his_clock_is_behind(
    postgres_stage: Stage, balance: int
) -> None:
    """Another process has paid from the wallet, or tried to, and noted that the hold has expired."""
    stage = postgres_stage
    ada, hold = with_a_hold_for_a_minute(stage)
    bob = stage.a_wallet()
    with a_rival(stage) as behind:
        then = stage.clock.now
        behind.container.clock.override(lambda: then)
        stage.clock.move(minutes=1)
        one, other = at_once(
            stage, transfer(ada, bob, balance), lambda: behind.execute(capture_hold(hold))
        )
    assert refused(one) is (None if balance == 100 else InsufficientFunds)
    assert refused(other) is HoldExpired
    assert stage.balance(ada) == (0 if balance == 100 else 100)


def test_a_sweep_waits_for_a_payment_that_has_noted_the_same(postgres_stage: Stage) -> None:
    stage = postgres_stage
    ada, hold = with_a_hold_for_a_minute(stage)
    stage.clock.move(minutes=1)
    sweeper = stage.container.hold_sweeper()
    one, _ = at_once(stage, replenish(ada, 1), lambda: sweep_holds(sweeper))
    assert refused(one) is None
    assert hold_of(stage, hold).status == "expired"


THREADS, ROUNDS, TICK = 6, 60, timedelta(milliseconds=100)


def test_whatever_happens_at_once_no_more_goes_out_than_there_was(postgres_stage: Stage) -> None:
    """Places, captures, voids, transfers, sweeps on three wallets, in two processes, as time goes by."""
    stage = postgres_stage
    wallets = [stage.a_wallet(300) for _ in range(3)]
    ticks = count()

    def clock() -> datetime:
        """Each time somebody looks, a tenth of a second has gone by."""
        return stage.clock.now + next(ticks) * TICK

    def one_thread(service: Stage, number: int) -> Counter[Any]:
        chance = random.Random(number)
        paid: Counter[Any] = Counter()
        together.wait(SECONDS_MAX)
        for _ in range(ROUNDS):
            command = a_command(chance, wallets, placed, clock())
            outcome = service.execute(command)
            paid[type(outcome.refused)] += 1
            if outcome.refused is None and hasattr(command, "expires_at"):
                placed.append(command.id)
            for posting in outcome.transaction.postings if outcome.transaction else ():
                paid[posting.wallet_id] += posting.amount
        sweep_holds(service.container.hold_sweeper(), batch_size=5)
        return paid

    placed: list[UUID] = []
    together = Barrier(2 * THREADS)
    with a_rival(stage) as rival, ThreadPoolExecutor(2 * THREADS) as pool:
        for service in (stage, rival):
            service.container.clock.override(clock)
        work = [
            pool.submit(one_thread, (stage, rival)[number % 2], number)
            for number in range(2 * THREADS)
        ]
        counted: Counter[Any] = Counter()
        for each in work:
            counted.update(each.result(SECONDS_MAX))
    assert [stage.balance(wallet) for wallet in wallets] == [
        300 + counted[wallet] for wallet in wallets
    ]
    assert {HoldNotPending, HoldExpired, ExceedsHold, InsufficientFunds, type(None)} <= set(counted)
    holds = [hold_of(stage, id) for id in placed]
    assert {hold.status for hold in holds} >= {"captured", "voided", "expired"}
    assert all(0 <= hold.captured <= hold.amount for hold in holds)


def a_command(
    chance: random.Random, wallets: list[UUID], placed: list[UUID], now: datetime
) -> Command:
    source, destination = chance.sample(wallets, 2)
    hold = chance.choice(placed[-8:]) if placed else source
    choices: list[Callable[[], Command]] = [
        lambda: transfer(source, destination, chance.randint(1, 120)),
        lambda: place_hold(
            source, chance.randint(1, 120), expires_at=now + chance.randint(5, 50) * TICK
        ),
        lambda: place_hold(source, chance.randint(1, 120), destination_wallet_id=destination),
        lambda: capture_hold(hold, chance.randint(1, 80), final=chance.random() < 0.4),
        lambda: capture_hold(hold),
        lambda: void_hold(hold),
    ]
    return chance.choices(choices, weights=[3, 3, 3, 4, 1, 1])[0]()
