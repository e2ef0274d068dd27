"""The contract of a unit of work: locks first, then reads; all is written at its commit, or nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Event
from uuid import UUID

import pytest

from adapters.system import new_id
from domain.books import Books
from domain.errors import BalanceLimitExceeded, ReferenceTaken, SystemWalletNamed, WalletNotFound
from domain.idempotency import Outcome
from domain.money import AMOUNT_MINOR_MAX
from domain.wallet import NEVER, external_wallet_id
from service_layer.claims import Claims
from service_layer.command import Command
from service_layer.run_batch import Result, claims_of, decide
from tests.builders import a_caller, open_account, replenish, transfer
from tests.concurrency.rig import a_rival, until_somebody_waits_for_a_lock
from tests.stage import Stage


def claims(*wallet_ids: UUID) -> Claims:
    return claims_of([])._replace(wallet_ids=frozenset(wallet_ids))


def books_of(stage: Stage, *commands: Command) -> Books:
    """What a unit reads for these commands, left without writing."""
    with stage.container.unit_of_work() as unit:
        books: Books = unit.open_books(claims_of(commands))
    return books


def refusals(results: list[Result]) -> list[type | None]:
    return [type(each.refused) if each.refused else None for each in map(an_outcome, results)]


def an_outcome(result: Result) -> Outcome:
    assert isinstance(result, Outcome), result
    return result


def test_what_a_unit_commits_is_there_for_the_next_one(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    command = transfer(ada, bob, 30, reference="rent")
    with stage.container.unit_of_work() as unit:
        books = unit.open_books(claims_of([command]))
        outcome = decide(command, books)
        unit.write(books)
        unit.commit()
    again = books_of(stage, command)
    assert again.wallets == books.touched
    assert again.transaction_references == {"rent"}
    assert again.kept[command.caller.key.name].outcome.transaction_id == outcome.transaction_id


def test_leaving_without_commit_writes_nothing(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    commands = [transfer(ada, bob, 30, reference="rent"), open_account(reference="eve")]
    before = books_of(stage, *commands)
    with stage.container.unit_of_work() as unit:
        books = unit.open_books(claims_of(commands))
        for command in commands:
            decide(command, books)
        unit.write(books)
    after = books_of(stage, *commands)
    assert after == before
    assert len(stage.container.queries().accounts(reference=None, before=None, limit=9)) == 2


def test_an_error_after_the_writing_takes_everything_back(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    command = replenish(ada, 5)

    def break_off() -> None:
        with stage.container.unit_of_work() as unit:
            books = unit.open_books(claims_of([command]))
            decide(command, books)
            unit.write(books)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert stage.balance(ada) == 100
    assert books_of(stage, command).kept == {}


def test_the_books_hold_the_named_wallets_that_exist(stage: Stage) -> None:
    ada, bob, nobody = stage.a_wallet(7), stage.a_wallet(), new_id()
    with stage.container.unit_of_work() as unit:
        books = unit.open_books(claims(ada, nobody))
    assert set(books.wallets) == {ada}
    assert (books.wallets[ada].balance, books.wallets[ada].version) == (7, 1)
    with stage.container.unit_of_work() as unit:
        fresh = unit.open_books(claims(bob)).wallets[bob]
    assert (fresh.balance, fresh.version, fresh.last_posted_at) == (0, 0, NEVER)


def test_a_system_wallet_is_refused_and_an_unknown_one_is_not_found(stage: Stage) -> None:
    ada, external = stage.a_wallet(100), external_wallet_id("USD")
    results = stage.run(
        transfer(external, ada),
        transfer(ada, external),
        replenish(external),
        transfer(ada, new_id()),
        transfer(new_id(), ada),
    )
    assert refusals(results) == [SystemWalletNamed] * 3 + [WalletNotFound] * 2
    assert stage.balance(ada) == 100


def test_a_reference_is_taken_by_an_earlier_command_of_the_batch(stage: Stage) -> None:
    ada = stage.a_wallet()
    results = stage.run(
        replenish(ada, 1, reference="rent"),
        replenish(ada, 2, reference="rent"),
        open_account(reference="rent"),
        open_account(reference="rent"),
        replenish(ada, 4),
        replenish(ada, 8),
    )
    assert refusals(results) == [None, ReferenceTaken, None, ReferenceTaken, None, None]
    assert stage.balance(ada) == 13


def test_a_reference_is_taken_by_an_earlier_batch(stage: Stage) -> None:
    ada = stage.a_wallet()
    stage.run(replenish(ada, 1, reference="rent"), open_account(reference="rent"))
    results = stage.run(
        replenish(ada, 2, reference="rent"),
        open_account(reference="rent"),
        replenish(ada, 4, reference="Rent"),
        open_account(reference="rent "),
    )
    assert refusals(results) == [ReferenceTaken, ReferenceTaken, None, None]
    assert stage.balance(ada) == 5


def test_the_reference_of_a_refused_command_stays_free(stage: Stage) -> None:
    ada, bob = stage.a_wallet(), stage.a_wallet()
    results = stage.run(
        transfer(ada, bob, 5, reference="rent"), replenish(ada, 2, reference="rent")
    )
    assert results[0].refused is not None  # type: ignore[union-attr]
    assert results[1].refused is None  # type: ignore[union-attr]


def test_a_later_command_sees_what_an_earlier_one_of_its_batch_did(stage: Stage) -> None:
    ada, bob, eve = stage.a_wallet(), stage.a_wallet(), stage.a_wallet()
    stage.run(replenish(ada, 10), transfer(ada, bob, 10), transfer(bob, eve, 10))
    assert [stage.balance(each) for each in (ada, bob, eve)] == [0, 0, 10]


def test_an_account_is_there_for_later_commands_of_its_batch(stage: Stage) -> None:
    command = open_account()
    early, late = replenish(command.wallet_id, 5), replenish(command.wallet_id, 5)
    assert refusals(stage.run(early, command, late)) == [WalletNotFound, None, None]
    assert stage.balance(command.wallet_id) == 5


def test_books_and_clock_are_read_when_the_locks_are_held(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    command = replenish(ada, 11, reference="rent", caller=a_caller("first"))
    starts = Event()

    def read_late() -> Books:
        starts.set()
        return books_of(stage, command)

    with a_rival(stage) as rival, ThreadPoolExecutor(1) as pool:
        with rival.container.unit_of_work() as unit:
            books = unit.open_books(claims_of([command]))
            decide(command, books)
            late = pool.submit(read_late)
            assert starts.wait(10)
            if stage.url is not None:
                until_somebody_waits_for_a_lock(stage.url)
            stage.clock.move(seconds=3)
            unit.write(books)
            unit.commit()
        seen = late.result(10)
    assert seen.wallets[ada].balance == 111
    assert seen.transaction_references == {"rent"}
    assert seen.now == stage.clock.now


def test_a_key_that_is_kept_while_another_waits_is_met_at_the_latest_when_that_writes(
    stage: Stage,
) -> None:
    ada = stage.a_wallet(100)
    first, second = (replenish(ada, 11, caller=a_caller("first")) for _ in range(2))
    with a_rival(stage) as rival, ThreadPoolExecutor(1) as pool:
        with rival.container.unit_of_work() as unit:
            books = unit.open_books(claims_of([first]))
            decide(first, books)
            late = pool.submit(stage.execute, second)
            if stage.url is not None:
                until_somebody_waits_for_a_lock(stage.url)
            unit.write(books)
            unit.commit()
        outcome = late.result(10)
    assert isinstance(outcome, Outcome)
    assert (outcome.transaction_id, outcome.replayed) == (first.id, True)
    assert stage.balance(ada) == 111


def test_a_wallets_time_never_runs_backwards(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet(100)
    for seconds in (-3600, 0, 1, -1):
        stage.clock.move(seconds=seconds)
        stage.run(transfer(ada, bob, 1), transfer(bob, ada, 1))
    for wallet in (ada, bob):
        page = stage.container.queries().postings(
            wallet, from_time=None, to_time=None, before=None, limit=100
        )
        times = [posting.created_at for posting in reversed(page)]
        steps = {later - earlier for earlier, later in pairwise(times)}
        assert min(steps) == timedelta(microseconds=1)


def test_a_transaction_comes_after_the_last_posting_of_each_of_its_wallets(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    stage.clock.move(hours=1)
    stage.execute(replenish(bob, 1))
    late = stage.clock.now
    stage.clock.move(hours=-1)
    outcome = stage.execute(transfer(ada, bob, 1))
    assert outcome.transaction is not None
    assert outcome.transaction.created_at == late + timedelta(microseconds=1)


def test_a_wallet_can_hold_the_largest_amount_but_not_more(stage: Stage) -> None:
    ada, bob = stage.a_wallet(AMOUNT_MINOR_MAX), stage.a_wallet(AMOUNT_MINOR_MAX)
    results = stage.run(replenish(ada, 1), transfer(ada, bob, 1))
    assert refusals(results) == [BalanceLimitExceeded] * 2
    eve = stage.a_wallet()
    stage.run(transfer(ada, eve, AMOUNT_MINOR_MAX), replenish(ada, AMOUNT_MINOR_MAX))
    assert {stage.balance(each) for each in (ada, bob, eve)} == {AMOUNT_MINOR_MAX}
