"""Conditions or dry runs in a batch: what they see, what they lock, what they leave behind."""

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from domain.condition import Condition
from domain.errors import ConditionFailed, InsufficientFunds, ReferenceTaken
from domain.idempotency import Outcome
from service_layer.command import Caller, Command
from service_layer.run_batch import Result, claims_of, decide
from tests.builders import (
    a_caller,
    capture_hold,
    journal,
    place_hold,
    replenish,
    split,
    transfer,
    void_hold,
)
from tests.concurrency.rig import a_rival, until_somebody_waits_for_a_lock
from tests.stage import Stage


def on_condition(wallet_id: UUID, **demand: int) -> Caller:
    condition = Condition(wallet_id=wallet_id, **demand)
    return replace(a_caller(), conditions=(condition,))


def dry(**rest: Any) -> Caller:
    return replace(a_caller(), dry_run=True, **rest)


def refused(result: Result) -> type | None:
    assert isinstance(result, Outcome), result
    return type(result.refused) if result.refused else None


def test_a_condition_sees_what_earlier_commands_of_its_batch_did(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    results = stage.run(
        transfer(ada, bob, 60),
        transfer(ada, bob, 1, caller=on_condition(ada, available_gte=41)),
        transfer(ada, bob, 2, caller=on_condition(bob, wallet_version=1)),
    )
    assert list(map(refused, results)) == [None, ConditionFailed, None]
    assert (stage.balance(ada), stage.balance(bob)) == (38, 62)


def test_a_condition_may_be_on_a_wallet_that_takes_no_part(stage: Stage) -> None:
    ada, bob, eve = stage.a_wallet(100), stage.a_wallet(), stage.a_wallet(7)
    results = stage.run(
        transfer(ada, bob, 1, caller=on_condition(eve, available_gte=7)),
        transfer(ada, bob, 2, caller=on_condition(eve, available_gte=8)),
    )
    assert list(map(refused, results)) == [None, ConditionFailed]


def test_what_a_condition_names_is_claimed() -> None:
    ada, bob, eve = (UUID(int=number) for number in range(3))
    command = transfer(ada, bob, caller=on_condition(eve, available_gte=0))
    assert claims_of([command]).wallet_ids == {ada, bob, eve}


def test_the_wallet_of_a_condition_is_locked_before_it_is_looked_at(stage: Stage) -> None:
    """Otherwise a rival could change, between the check and the commit, what the condition relies on."""
    ada, bob, eve = stage.a_wallet(100), stage.a_wallet(), stage.a_wallet(50)
    spent = transfer(eve, bob, 1)
    late = transfer(ada, bob, 1, caller=on_condition(eve, wallet_version=1))
    with a_rival(stage) as rival, ThreadPoolExecutor(1) as pool:
        with rival.container.unit_of_work() as unit:
            books = unit.open_books(claims_of([spent]))
            decide(spent, books)
            waiting = pool.submit(stage.execute, late)
            if stage.url is not None:
                until_somebody_waits_for_a_lock(stage.url)
            unit.write(books)
            unit.commit()
        assert refused(waiting.result(10)) is ConditionFailed


def test_a_dry_run_sees_earlier_commands_of_its_batch_and_is_seen_by_none(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    results = stage.run(
        transfer(ada, bob, 60),
        transfer(ada, bob, 40, reference="rent", caller=dry()),
        transfer(ada, bob, 41, caller=dry()),
        transfer(ada, bob, 40, reference="rent"),
        transfer(ada, bob, 1, reference="rent", caller=dry()),
    )
    assert list(map(refused, results)) == [None, None, InsufficientFunds, None, ReferenceTaken]
    assert (stage.balance(ada), stage.balance(bob)) == (0, 100)


def test_a_dry_run_says_what_the_real_one_would(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    command = transfer(ada, bob, 60)
    rehearsal, real = stage.run(replace(command, caller=dry()), command)
    assert isinstance(rehearsal, Outcome)
    assert isinstance(real, Outcome)
    assert rehearsal.transaction is not None
    assert real.transaction is not None
    assert rehearsal.transaction.postings == real.transaction.postings
    assert rehearsal.transaction.created_at == real.transaction.created_at


@pytest.mark.parametrize("refuse", [False, True])
def test_a_dry_run_keeps_nothing_under_its_key(stage: Stage, refuse: bool) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    command = transfer(ada, bob, 101 if refuse else 1)
    stage.execute(replace(command, caller=replace(command.caller, dry_run=True)))
    assert not stage.execute(command).replayed


def every_command(stage: Stage) -> list[Command]:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    hold = place_hold(ada, 10)
    stage.execute(hold)
    return [
        transfer(ada, bob, 1, caller=dry(), reference="a"),
        replenish(ada, 1, caller=dry(), reference="b"),
        split(ada, 10, (bob, "33.3"), (bob, None), caller=dry(), reference="c"),
        journal((ada, -5), (bob, 5), (bob, -1), (ada, 1), caller=dry(), reference="d"),
        place_hold(ada, 1, caller=dry(), reference="e"),
        capture_hold(hold.id, 3, caller=dry(), reference="f", final=False),
        void_hold(hold.id, caller=dry()),
    ]


def test_a_dry_run_leaves_the_books_as_they_were(stage: Stage) -> None:
    commands = every_command(stage)
    with stage.container.unit_of_work() as unit:
        books = unit.open_books(claims_of(commands))
        before = deepcopy(books)
        outcomes = [decide(command, books) for command in commands]
    assert all(outcome.refused is None for outcome in outcomes)
    assert books == before
