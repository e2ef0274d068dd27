"""A client's batch: each operation decided in order, all in one unit of work, each under a key of its own."""

from dataclasses import replace

import pytest

from domain.errors import IdempotencyKeyReused, InsufficientFunds, WalletNotFound
from domain.idempotency import Outcome
from service_layer.command import Command
from service_layer.post_batch import Mode, PostBatch
from service_layer.unit_of_work import CommitUnknown
from tests.builders import a_batch, a_caller, a_key, replenish, transfer
from tests.domain.examples import NOBODY
from tests.service_layer.faulty_unit import Database, Fault, done, kinds

ATOMIC, INDEPENDENT = Mode.ATOMIC, Mode.INDEPENDENT


def run(database: Database, batch: PostBatch) -> Outcome:
    return done(database.run(batch))[0]


def refusals(outcome: Outcome) -> list[type | None]:
    return kinds(outcome.parts)


def test_a_batch_claims_all_that_its_operations_claim_under_all_their_keys() -> None:
    database = Database()
    ada, bob = database.a_wallet(), database.a_wallet()
    paid, given = transfer(ada, bob, 5, reference="rent"), replenish(bob, 1)
    claims = a_batch(paid, given).claims
    assert claims.wallet_ids == {ada, bob}
    assert claims.transaction_references == {"rent"}
    assert claims.key_names == {paid.caller.key.name, given.caller.key.name}


def test_independent_operations_have_an_outcome_each() -> None:
    database = Database()
    ada, bob = database.a_wallet(10), database.a_wallet()
    outcome = run(
        database, a_batch(transfer(ada, bob, 7), transfer(ada, bob, 7), replenish(ada, 4))
    )
    assert refusals(outcome) == [None, InsufficientFunds, None]
    assert (database.balance(ada), database.balance(bob)) == (7, 7)


def test_a_later_operation_sees_what_an_earlier_one_did() -> None:
    database = Database()
    ada, bob = database.a_wallet(), database.a_wallet()
    outcome = run(
        database, a_batch(transfer(ada, bob, 7), replenish(ada, 7), transfer(ada, bob, 7))
    )
    assert refusals(outcome) == [InsufficientFunds, None, None]


def test_an_atomic_batch_is_done_whole() -> None:
    database = Database()
    ada, bob = database.a_wallet(), database.a_wallet()
    outcome = run(database, a_batch(replenish(ada, 7), transfer(ada, bob, 7), mode=ATOMIC))
    assert refusals(outcome) == [None, None]
    assert (database.balance(ada), database.balance(bob)) == (0, 7)


def test_the_first_refusal_refuses_an_atomic_batch_whole() -> None:
    database = Database()
    ada, bob = database.a_wallet(10), database.a_wallet()
    fine, too_much, nowhere = transfer(ada, bob, 7), transfer(ada, bob, 7), replenish(NOBODY, 1)
    outcome = run(database, a_batch(fine, too_much, nowhere, mode=ATOMIC))
    assert isinstance(outcome.refused, InsufficientFunds)
    assert outcome.refused.data == {"wallet_id": str(ada), "available": 3, "index": 1}
    assert (database.balance(ada), database.balance(bob)) == (10, 0)
    assert fine.caller.key.name not in database.ledger.kept


@pytest.mark.parametrize("mode", list(Mode))
def test_a_repeated_batch_is_answered_again_part_by_part(mode: Mode) -> None:
    database = Database()
    ada, bob = database.a_wallet(10), database.a_wallet()
    batch = a_batch(transfer(ada, bob, 7), replenish(bob, 1), mode=mode)
    first, again = run(database, batch), run(database, batch)
    assert (first.replayed, again.replayed) == (False, True)
    assert [each.transaction_id for each in again.parts] == [each.id for each in batch.operations]
    assert (database.balance(ada), database.balance(bob)) == (3, 8)


def test_a_repeated_refusal_of_an_atomic_batch_stays_although_it_would_succeed_now() -> None:
    database = Database()
    ada, bob = database.a_wallet(), database.a_wallet()
    batch = a_batch(transfer(ada, bob, 7), mode=ATOMIC)
    run(database, batch)
    database.run(replenish(ada, 7))
    again = run(database, batch)
    assert isinstance(again.refused, InsufficientFunds)
    assert (again.replayed, database.balance(bob)) == (True, 0)


def test_an_operation_that_was_sent_alone_before_is_not_done_again() -> None:
    database = Database()
    ada, bob = database.a_wallet(10), database.a_wallet()
    alone = transfer(ada, bob, 7)
    database.run(alone)
    retried = replace(alone, id=replenish(bob).id)
    for mode in Mode:
        outcome = run(database, a_batch(retried, replenish(bob, 1), mode=mode))
        assert outcome.parts[0].transaction_id == alone.id
        assert outcome.parts[0].replayed
    assert (database.balance(ada), database.balance(bob)) == (3, 9)


def test_an_operation_of_a_batch_is_not_done_again_alone() -> None:
    database = Database()
    ada, bob = database.a_wallet(10), database.a_wallet()
    inside = transfer(ada, bob, 7)
    run(database, a_batch(inside))
    alone = done(database.run(replace(inside, id=replenish(bob).id)))[0]
    assert (alone.transaction_id, alone.replayed) == (inside.id, True)
    assert database.balance(ada) == 3


def test_two_operations_with_one_key_are_done_once() -> None:
    database = Database()
    ada, bob = database.a_wallet(10), database.a_wallet()
    one = transfer(ada, bob, 4, caller=a_caller("twice"))
    two = replace(one, id=replenish(bob).id)
    other = transfer(ada, bob, 5, caller=a_caller("twice", request="something else"))
    outcome = run(database, a_batch(one, two, other))
    assert refusals(outcome) == [None, None, IdempotencyKeyReused]
    assert outcome.parts[1].transaction_id == one.id
    assert database.balance(ada) == 6


def test_another_request_under_the_key_of_a_batch_does_nothing() -> None:
    database = Database()
    ada, bob = database.a_wallet(10), database.a_wallet()
    batch = a_batch(transfer(ada, bob, 1))
    run(database, batch)
    key = a_key(batch.caller.key.key, request="another")
    other = replace(a_batch(transfer(ada, bob, 2)), caller=replace(batch.caller, key=key))
    assert isinstance(run(database, other).refused, IdempotencyKeyReused)
    assert database.balance(ada) == 9


@pytest.mark.parametrize("mode", list(Mode))
def test_a_dry_run_of_a_batch_writes_nothing(mode: Mode) -> None:
    database = Database()
    ada, bob = database.a_wallet(10), database.a_wallet()
    batch = a_batch(transfer(ada, bob, 4), transfer(ada, bob, 4), mode=mode)
    dry = replace(batch, caller=replace(batch.caller, dry_run=True))
    outcome = run(database, dry)
    after = [
        each.transaction and each.transaction.postings[0].balance_after for each in outcome.parts
    ]
    assert after == [6, 2]
    assert database.balance(ada) == 10
    assert run(database, batch).replayed is False


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("mode", list(Mode))
def test_a_batch_whose_commit_is_unknown_is_done_once(mode: Mode, after: bool) -> None:
    database = Database()
    ada, bob = database.a_wallet(10), database.a_wallet()
    database.faults = [Fault(moment="commit", error=CommitUnknown("lost"), after=after)]
    outcome = run(database, a_batch(transfer(ada, bob, 4), replenish(bob, 1), mode=mode))
    assert outcome.replayed is False
    assert refusals(outcome) == [None, None]
    assert (database.balance(ada), database.balance(bob)) == (6, 5)
    assert database.findings() == ()


def test_an_unknown_wallet_refuses_only_its_own_operation() -> None:
    database = Database()
    ada = database.a_wallet()
    commands: list[Command] = [replenish(NOBODY, 1), replenish(ada, 2)]
    assert refusals(run(database, a_batch(*commands))) == [WalletNotFound, None]
