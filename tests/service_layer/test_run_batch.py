"""A batch is done whole or not at all, and once, whatever happens to its connection."""

from dataclasses import replace
from typing import Any

import pytest

from adapters.system import new_id
from domain.books import Books
from domain.errors import (
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InsufficientFunds,
    OutcomeUnknown,
    Unavailable,
)
from domain.idempotency import Outcome
from service_layer.command import Caller
from service_layer.replenish import Replenish
from service_layer.run_batch import Retry, claims_of
from service_layer.unit_of_work import CommitUnknown, TryAgain
from tests.builders import a_caller, a_key, open_account, replenish, transfer
from tests.service_layer.faulty_unit import Database, Fault, done, kinds

BEFORE_COMMIT = Fault(moment="commit", error=CommitUnknown("lost"))
AFTER_COMMIT = Fault(moment="commit", error=CommitUnknown("lost"), after=True)
DEADLOCK = Fault(moment="open_books", error=TryAgain("deadlock"))
LOCK_TIMEOUT = Fault(moment="open_books", error=Unavailable("no lock in time"))

TRY_AGAIN = [
    Fault(moment=moment, error=TryAgain("lost"), after=after)
    for moment, after in [
        ("enter", False),
        ("open_books", False),
        ("open_books", True),
        ("write", False),
        ("write", True),
        ("commit", False),
    ]
]


class Poison(Replenish):
    """A replenishment that breaks after it has entered the books."""

    __slots__ = ()

    def decide(self, books: Books) -> Outcome:
        super().decide(books)
        raise ZeroDivisionError


def a_poison(wallet_id: Any, **rest: Any) -> Poison:
    return Poison(
        id=new_id(), caller=a_caller(), wallet_id=wallet_id, amount=1, currency="USD", **rest
    )


# One try after another.


def test_an_empty_batch_has_no_results() -> None:
    assert Database().run() == []


def test_a_batch_has_one_result_for_each_command_in_their_order() -> None:
    database = Database()
    ada, bob = database.a_wallet(100), database.a_wallet()
    commands = [transfer(ada, bob, 60), replenish(ada, 5), transfer(ada, bob, 60), open_account()]
    results = done(database.run(*commands))
    assert kinds(results) == [None, None, InsufficientFunds, None]
    assert [each.request_id for each in results] == [each.caller.request_id for each in commands]


def test_a_batch_names_all_that_its_commands_name() -> None:
    ada, bob, eve = new_id(), new_id(), new_id()
    paid = transfer(ada, bob, reference="rent")
    given = replenish(eve, reference="gift")
    opened = open_account(reference="ada")
    claims = claims_of([paid, given, opened, transfer(ada, eve)])
    assert claims.wallet_ids == {ada, bob, eve}
    assert claims.transaction_references == {"rent", "gift"}
    assert claims.account_references == {"ada"}
    assert claims.key_names >= {each.caller.key.name for each in (paid, given, opened)}


def test_a_batch_without_a_fault_is_tried_once_without_a_pause() -> None:
    database = Database()
    done(database.run(open_account()))
    assert (len(database.tries), database.pauses) == (1, [])


@pytest.mark.parametrize("fault", TRY_AGAIN)
def test_what_was_not_written_is_tried_again_and_done_once(fault: Fault) -> None:
    database = Database()
    ada = database.a_wallet()
    database.faults = [fault, fault]
    (outcome,) = done(database.run(replenish(ada, 5)))
    assert (database.balance(ada), outcome.replayed) == (5, False)


def test_the_batch_is_tried_again_whole() -> None:
    database = Database()
    ada, bob = database.a_wallet(100), database.a_wallet()
    database.faults = [DEADLOCK]
    commands = [transfer(ada, bob, 1), transfer(ada, bob, 2)]
    done(database.run(*commands))
    assert database.tries == [claims_of(commands)] * 2
    assert (database.balance(ada), database.balance(bob)) == (97, 3)


def test_a_batch_that_cannot_be_done_is_given_up_whole_after_the_last_attempt() -> None:
    database = Database()
    ada = database.a_wallet()
    database.forever = DEADLOCK
    commands = [replenish(ada, 1), replenish(ada, 2)]
    assert kinds(database.run(*commands, attempts_max=4)) == [Unavailable] * 2
    assert database.tries == [claims_of(commands)] * 4
    assert database.balance(ada) == 0


def test_every_command_that_is_given_up_has_an_error_of_its_own() -> None:
    """One exception raised in many threads would collect all their tracebacks."""
    database = Database(forever=DEADLOCK)
    first, second = database.run(open_account(), open_account(), attempts_max=2)
    assert first is not second


def test_the_pauses_between_tries_are_bounded_in_length_as_in_number() -> None:
    database = Database(forever=DEADLOCK)
    database.run(open_account(), attempts_max=30, pause_seconds_max=0.25)
    assert len(database.pauses) == 29
    assert all(0 <= pause <= 0.25 for pause in database.pauses)
    assert len(set(database.pauses)) > 1


def test_the_usual_limits_give_up_within_seconds() -> None:
    database = Database(forever=DEADLOCK)
    database.run(open_account())
    assert len(database.tries) == Retry().attempts_max
    assert sum(database.pauses) < 5


# The outcome of a COMMIT is unknown.


def test_a_commit_that_did_happen_is_done_once_and_is_no_replay() -> None:
    database = Database()
    ada, bob = database.a_wallet(100), database.a_wallet()
    database.faults = [AFTER_COMMIT]
    command = transfer(ada, bob, 30)
    (outcome,) = done(database.run(command))
    assert (database.balance(ada), database.balance(bob)) == (70, 30)
    assert (outcome.transaction_id, outcome.replayed) == (command.id, False)
    assert len(database.tries) == 2


def test_a_commit_that_did_not_happen_is_done_once() -> None:
    database = Database()
    ada, bob = database.a_wallet(100), database.a_wallet()
    database.faults = [BEFORE_COMMIT]
    command = transfer(ada, bob, 30)
    (outcome,) = done(database.run(command))
    assert (database.balance(ada), database.balance(bob)) == (70, 30)
    assert (outcome.transaction_id, outcome.replayed) == (command.id, False)


def test_commits_that_are_lost_again_and_again_have_one_effect() -> None:
    database = Database()
    ada = database.a_wallet()
    database.faults = [BEFORE_COMMIT, DEADLOCK, AFTER_COMMIT, LOCK_TIMEOUT, BEFORE_COMMIT]
    (outcome,) = done(database.run(replenish(ada, 5)))
    assert (database.balance(ada), outcome.replayed) == (5, False)


def test_a_refusal_whose_commit_did_happen_is_no_replay() -> None:
    database = Database()
    ada, bob = database.a_wallet(), database.a_wallet()
    database.faults = [AFTER_COMMIT]
    (outcome,) = done(database.run(transfer(ada, bob, 30)))
    assert (kinds([outcome]), outcome.replayed) == ([InsufficientFunds], False)


def test_an_account_whose_commit_did_happen_is_opened_once() -> None:
    database = Database(faults=[AFTER_COMMIT])
    (outcome,) = done(database.run(open_account(reference="ada")))
    assert (kinds([outcome]), outcome.replayed) == ([None], False)
    assert len(database.ledger.accounts) == 1


def test_a_repeated_request_stays_a_replay_when_its_commit_is_unknown() -> None:
    database = Database()
    ada = database.a_wallet()
    database.run(replenish(ada, 5, caller=a_caller("k-1")))
    database.faults = [AFTER_COMMIT]
    (outcome,) = done(database.run(replenish(ada, 5, caller=a_caller("k-1"))))
    assert (outcome.replayed, database.balance(ada)) == (True, 5)


def test_a_duplicate_in_the_batch_stays_a_replay_when_its_commit_did_happen() -> None:
    database = Database()
    ada = database.a_wallet()
    database.faults = [AFTER_COMMIT]
    twice = [replenish(ada, 5, caller=a_caller("k-1")) for _ in range(2)]
    outcomes = done(database.run(*twice))
    assert [each.replayed for each in outcomes] == [False, True]
    assert database.balance(ada) == 5


def test_a_callers_own_request_id_does_not_make_a_replay_look_like_a_first_answer() -> None:
    """Clients may send the same X-Request-Id with each try of theirs."""
    database = Database()
    ada = database.a_wallet()
    caller = a_caller("k-1")
    database.run(replenish(ada, 5, caller=caller))
    database.faults = [AFTER_COMMIT]
    (outcome,) = done(database.run(replenish(ada, 5, caller=caller)))
    assert (outcome.replayed, database.balance(ada)) == (True, 5)


@pytest.mark.parametrize("lost", [BEFORE_COMMIT, AFTER_COMMIT])
def test_two_tries_of_a_caller_in_one_batch_are_one_first_answer_with_one_replay(
    lost: Fault,
) -> None:
    database = Database()
    ada = database.a_wallet()
    caller = a_caller("k-1")
    database.faults = [lost]
    outcomes = done(database.run(*(replenish(ada, 5, caller=caller) for _ in range(2))))
    assert [each.replayed for each in outcomes] == [False, True]


@pytest.mark.parametrize("lost", [BEFORE_COMMIT, AFTER_COMMIT])
@pytest.mark.parametrize(
    "then",
    [
        BEFORE_COMMIT,
        AFTER_COMMIT,
        DEADLOCK,
        LOCK_TIMEOUT,
        Fault(moment="enter", error=TryAgain("refused")),
        Fault(moment="open_books", error=IdempotencyKeyInUse("in use")),
        Fault(moment="write", error=RuntimeError("full")),
    ],
)
def test_a_commit_that_stays_unknown_is_never_said_to_be_undone(lost: Fault, then: Fault) -> None:
    database = Database()
    ada = database.a_wallet()
    database.faults, database.forever = [lost], then
    commands = [replenish(ada, 5), replenish(ada, 6)]
    results = database.run(*commands, attempts_max=4)
    assert kinds(results) == [OutcomeUnknown] * 2
    assert set(database.tries) == {claims_of(commands)}  # never each alone


def test_the_same_request_resolves_an_unknown_outcome_later() -> None:
    database = Database()
    ada = database.a_wallet()
    database.faults, database.forever = [AFTER_COMMIT], LOCK_TIMEOUT
    first = replenish(ada, 5, caller=a_caller("k-1"))
    assert kinds(database.run(first, attempts_max=3)) == [OutcomeUnknown]
    database.forever = None
    (outcome,) = done(database.run(replenish(ada, 5, caller=a_caller("k-1"))))
    assert (outcome.transaction_id, outcome.replayed) == (first.id, True)
    assert database.balance(ada) == 5


def test_a_key_that_another_process_used_meanwhile_gives_that_answer_as_a_replay() -> None:
    database = Database()
    ada = database.a_wallet()
    database.faults = [BEFORE_COMMIT]
    rival = replenish(ada, 5, caller=a_caller("k-1"))

    def the_rival_is_faster(seconds: float) -> None:
        done(Database(ledger=database.ledger).run(rival))

    runner = database.runner()
    runner.retry = Retry(sleep=the_rival_is_faster)
    (outcome,) = done(runner.run([replenish(ada, 5, caller=a_caller("k-1"))]))
    assert (outcome.transaction_id, outcome.replayed) == (rival.id, True)
    assert database.balance(ada) == 5


# One command spoils the batch.


def test_a_poison_command_harms_only_itself() -> None:
    database = Database()
    ada = database.a_wallet()
    poison = a_poison(ada)
    results = database.run(replenish(ada, 5), poison, replenish(ada, 6))
    assert kinds(results) == [None, ZeroDivisionError, None]
    assert database.balance(ada) == 11
    assert (len(database.findings()), poison.id in database.ledger.transactions) == (0, False)


def test_a_poison_command_that_shows_only_at_the_writing_harms_only_itself() -> None:
    database = Database(at_write=_chokes_on_poison)
    ada = database.a_wallet()
    commands = [replenish(ada, 5), replenish(ada, 1, reference="poison"), replenish(ada, 6)]
    assert kinds(database.run(*commands)) == [None, ValueError, None]
    assert database.balance(ada) == 11


def _chokes_on_poison(books: Books) -> None:
    if any(each.reference == "poison" for each in books.new_transactions):
        raise ValueError("cannot be written")


def test_a_poison_command_keeps_nothing_under_its_key() -> None:
    database = Database()
    poison = a_poison(database.a_wallet())
    database.run(poison)
    assert poison.caller.key.name not in database.ledger.kept


def test_two_poison_commands_each_get_their_own_error() -> None:
    database = Database()
    ada = database.a_wallet()
    results = database.run(a_poison(ada), replenish(ada, 5), a_poison(ada))
    assert kinds(results) == [ZeroDivisionError, None, ZeroDivisionError]
    assert results[0] is not results[2]


def test_a_duplicate_of_a_poison_command_is_tried_by_itself() -> None:
    database = Database()
    ada = database.a_wallet()
    poison = a_poison(ada)
    healthy = replenish(ada, 1, caller=replace(poison.caller, request_id="request-2"))
    assert kinds(database.run(poison, healthy)) == [ZeroDivisionError, None]


def test_a_wallet_locked_by_somebody_else_holds_up_only_who_needs_it() -> None:
    database = Database()
    ada, busy = database.a_wallet(), database.a_wallet()
    database.faults = [LOCK_TIMEOUT, None, LOCK_TIMEOUT]
    assert kinds(database.run(replenish(ada, 5), replenish(busy, 5))) == [None, Unavailable]
    assert (database.balance(ada), database.balance(busy)) == (5, 0)


def test_a_commit_lost_while_each_runs_alone_is_still_done_once() -> None:
    database = Database()
    ada = database.a_wallet()
    database.faults = [None, AFTER_COMMIT, None, BEFORE_COMMIT]
    results = database.run(replenish(ada, 5), a_poison(ada), replenish(ada, 6))
    assert kinds(results)[1] is ZeroDivisionError
    assert database.balance(ada) == 11


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_is_not_taken_for_an_error_of_a_command(interrupt: type) -> None:
    database = Database(faults=[Fault(moment="write", error=interrupt())])
    with pytest.raises(interrupt):
        database.run(open_account(), open_account())
    assert len(database.tries) == 1


# Keys.


def test_the_same_request_twice_in_one_batch_is_done_once_and_replayed_once() -> None:
    database = Database()
    ada = database.a_wallet()
    first, second = (replenish(ada, 5, caller=a_caller("k-1")) for _ in range(2))
    outcomes = done(database.run(first, second))
    assert [each.transaction_id for each in outcomes] == [first.id, first.id]
    assert [each.replayed for each in outcomes] == [False, True]
    assert [each.request_id for each in outcomes] == [first.caller.request_id] * 2
    assert database.balance(ada) == 5


def test_another_request_with_a_key_of_the_same_batch_is_refused() -> None:
    database = Database()
    ada = database.a_wallet()
    first = replenish(ada, 5, caller=a_caller("k-1", request="5"))
    other = replenish(ada, 6, caller=a_caller("k-1", request="6"))
    assert kinds(database.run(first, other, replenish(ada, 7))) == [
        None,
        IdempotencyKeyReused,
        None,
    ]
    assert database.balance(ada) == 12


def test_a_misused_key_still_gives_its_first_answer() -> None:
    database = Database()
    ada = database.a_wallet()
    first = replenish(ada, 5, caller=a_caller("k-1", request="5"))
    database.run(first)
    database.run(replenish(ada, 6, caller=a_caller("k-1", request="6")))
    (again,) = done(database.run(replenish(ada, 5, caller=a_caller("k-1", request="5"))))
    assert (again.transaction_id, again.replayed) == (first.id, True)


def test_a_refusal_is_replayed_even_when_it_would_succeed_now() -> None:
    database = Database()
    ada, bob = database.a_wallet(), database.a_wallet()
    first = transfer(ada, bob, 5, caller=a_caller("k-1"))
    database.run(first)
    database.run(replenish(ada, 100))
    (again,) = done(database.run(transfer(ada, bob, 5, caller=a_caller("k-1"))))
    assert (kinds([again]), again.replayed) == ([InsufficientFunds], True)
    assert again.request_id == first.caller.request_id
    assert database.balance(bob) == 0


def test_the_same_key_in_another_scope_is_another_request() -> None:
    database = Database()
    ada = database.a_wallet()
    callers = [
        Caller(actor="tester", request_id=scope, key=a_key("k-1", scope=scope))
        for scope in ("shop", "bank")
    ]
    done(database.run(*(replenish(ada, 5, caller=caller) for caller in callers)))
    assert database.balance(ada) == 10


def test_a_passing_condition_keeps_nothing_under_the_key() -> None:
    database = Database()
    ada = database.a_wallet()
    command = replenish(ada, 5)
    database.forever = LOCK_TIMEOUT
    assert kinds(database.run(command)) == [Unavailable]
    database.forever = None
    (outcome,) = done(database.run(command))
    assert (outcome.replayed, database.balance(ada)) == (False, 5)


def test_a_kept_refusal_does_not_keep_its_batch_in_memory() -> None:
    """A traceback holds the frames it went through, with all that they hold."""
    database = Database()
    ada, bob = database.a_wallet(), database.a_wallet()
    (outcome,) = done(database.run(transfer(ada, bob, 5)))
    assert outcome.refused is not None
    assert outcome.refused.__traceback__ is None
