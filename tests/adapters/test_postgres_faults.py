"""Faults on a real PostgreSQL: one effect, the right answer, and books that add up whatever breaks."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import psycopg2.extensions
import pytest

from adapters.postgres.errors import is_lost
from adapters.system import new_id
from domain.errors import IdempotencyKeyInUse, ReferenceTaken, Unavailable
from domain.idempotency import Outcome
from domain.wallet import external_wallet_id
from service_layer.run_batch import Result
from tests.builders import a_caller, a_key, open_account, replenish, reverse, transfer
from tests.concurrency.rig import (
    a_stranger,
    as_superuser,
    sql,
    until,
    until_somebody_waits_for_a_lock,
)
from tests.concurrency.wire import Wire, a_wire
from tests.stage import Stage, a_stage, strike

KILL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'payments'"
)
ALL_GONE = (
    "SELECT count(*) = 0 FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'payments'"
)


def url_of(stage: Stage) -> str:
    assert stage.url is not None
    return stage.url


def kill_connections(stage: Stage) -> None:
    sql(as_superuser(url_of(stage)), KILL)
    until(url_of(stage), ALL_GONE)


def done(result: Result) -> Outcome:
    assert isinstance(result, Outcome), repr(result)
    assert result.refused is None
    return result


@contextmanager
def a_stage_on_a_wire(stage: Stage) -> Iterator[tuple[Stage, Wire]]:
    """The same books behind a wire that can be cut."""
    with a_wire(url_of(stage)) as (url, wire):
        wired = a_stage("on a wire", url)
        try:
            yield wired, wire
        finally:
            strike(wired)


def test_a_connection_killed_while_idle_is_replaced(postgres_stage: Stage) -> None:
    ada, bob = postgres_stage.a_wallet(100), postgres_stage.a_wallet()
    kill_connections(postgres_stage)
    assert not done(postgres_stage.execute(transfer(ada, bob, 30))).replayed
    assert postgres_stage.balance(bob) == 30


def test_queries_survive_that_their_idle_connections_were_killed(postgres_stage: Stage) -> None:
    ada = postgres_stage.a_wallet(100)
    assert postgres_stage.balance(ada) == 100
    kill_connections(postgres_stage)
    assert postgres_stage.balance(ada) == 100


def test_queries_survive_that_all_connections_of_their_pool_were_killed(
    postgres_stage: Stage,
) -> None:
    ada = postgres_stage.a_wallet(100)
    engine = postgres_stage.container.looking_engine()
    for connection in [engine.raw_connection() for _ in range(2)]:
        connection.close()
    kill_connections(postgres_stage)
    assert postgres_stage.balance(ada) == 100


@pytest.mark.parametrize("message", [b"open_books", b"find_references", b"COMMIT"])
@pytest.mark.parametrize("forward_last", [False, True])
def test_a_wire_cut_at_any_message_leaves_one_effect_and_the_first_answer(
    postgres_stage: Stage, message: bytes, forward_last: bool
) -> None:
    ada, bob = postgres_stage.a_wallet(100), postgres_stage.a_wallet()
    commands = [
        transfer(ada, bob, 30, reference="rent"),
        transfer(ada, bob, 90),
        open_account(reference="eve"),
    ]
    with a_stage_on_a_wire(postgres_stage) as (wired, wire):
        wired.a_wallet()
        wire.cut(lambda said: message in said and b"PREPARE" not in said, forward_last=forward_last)
        results = wired.run(*commands)
    assert wire.cuts == 1
    outcomes = [result for result in results if isinstance(result, Outcome)]
    assert [outcome.refused is None for outcome in outcomes] == [True, False, True]
    assert [outcome.replayed for outcome in outcomes] == [False, False, False]
    assert postgres_stage.balance(bob) == 30
    again = postgres_stage.run(*commands)
    assert [each.replayed for each in again if isinstance(each, Outcome)] == [True] * 3
    assert postgres_stage.balance(bob) == 30


@pytest.mark.parametrize("message", [b"resolve_transactions", b"read_originals", b"COMMIT"])
@pytest.mark.parametrize("forward_last", [False, True])
def test_a_wire_cut_at_any_message_takes_back_once(
    postgres_stage: Stage, message: bytes, forward_last: bool
) -> None:
    ada, bob = postgres_stage.a_wallet(100), postgres_stage.a_wallet()
    payment = transfer(ada, bob, 100)
    postgres_stage.execute(payment)
    commands = [reverse(payment.id, 60), reverse(payment.id, 60), reverse(payment.id)]
    with a_stage_on_a_wire(postgres_stage) as (wired, wire):
        wired.a_wallet()
        wire.cut(lambda said: message in said and b"PREPARE" not in said, forward_last=forward_last)
        results = wired.run(*commands)
    assert wire.cuts == 1
    outcomes = [result for result in results if isinstance(result, Outcome)]
    assert [outcome.refused is None for outcome in outcomes] == [True, False, True]
    assert [outcome.replayed for outcome in outcomes] == [False, False, False]
    assert (postgres_stage.balance(ada), postgres_stage.balance(bob)) == (100, 0)


def test_a_server_that_cannot_be_reached_is_unavailable(postgres_stage: Stage) -> None:
    with a_wire(url_of(postgres_stage)) as (url, _):
        wired = a_stage("on a wire", url)
    with pytest.raises(Unavailable):
        wired.execute(open_account())
    with pytest.raises(Unavailable):
        wired.container.queries().accounts(reference=None, before=None, limit=1)
    with pytest.raises(Unavailable):
        wired.container.queries().wallet(UUID(int=1))
    assert wired.container.not_ready() != []


@pytest.mark.parametrize("message", [b"lock_timeout", b"PREPARE"])
def test_a_wire_cut_while_the_connection_is_prepared_is_tried_again(
    postgres_stage: Stage, message: bytes
) -> None:
    ada = postgres_stage.a_wallet()
    with a_stage_on_a_wire(postgres_stage) as (wired, wire):
        wire.cut(lambda said: message in said, forward_last=False)
        done(wired.execute(replenish(ada, 5)))
    assert wire.cuts == 1
    assert postgres_stage.balance(ada) == 5


def test_a_kill_between_reading_and_writing_is_run_again(postgres_stage: Stage) -> None:
    ada = postgres_stage.a_wallet()
    moves = iter([True])

    def clock_that_kills() -> object:
        if next(moves, False):
            kill_connections(postgres_stage)
        return postgres_stage.clock()

    with postgres_stage.container.clock.override(clock_that_kills):
        done(postgres_stage.execute(replenish(ada, 5)))
    assert next(moves, None) is None
    assert postgres_stage.balance(ada) == 5


def test_a_wallet_that_a_stranger_holds_fails_only_the_commands_that_name_it(
    postgres_stage: Stage,
) -> None:
    ada, bob, eve = (postgres_stage.a_wallet(100) for _ in range(3))
    with a_stranger(url_of(postgres_stage)) as stranger:
        stranger.cursor().execute("SELECT FROM wallet WHERE id = %s FOR UPDATE", (str(bob),))
        began_at = time.monotonic()
        results = postgres_stage.run(replenish(ada, 1), replenish(bob, 1), transfer(ada, eve, 1))
        seconds = time.monotonic() - began_at
    assert [type(result) for result in results] == [Outcome, Unavailable, Outcome]
    assert [postgres_stage.balance(each) for each in (ada, bob, eve)] == [100, 100, 101]
    assert seconds < 6


def hold_key(stranger: psycopg2.extensions.connection, key: str) -> None:
    """Write a key's outcome as another process does, uncommitted."""
    stranger.cursor().execute(
        "INSERT INTO idempotency_key (scope, key, fingerprint, outcome, created_at)"
        " VALUES ('default', %s, %s, %s, now())",
        (key, a_key(key).fingerprint, '{"body": {"first": true}, "request_id": "r"}'),
    )


def test_a_key_in_flight_elsewhere_is_in_use_after_the_lock_timeout(postgres_stage: Stage) -> None:
    ada = postgres_stage.a_wallet()
    with a_stranger(url_of(postgres_stage)) as stranger:
        hold_key(stranger, "k")
        with pytest.raises(IdempotencyKeyInUse):
            postgres_stage.execute(replenish(ada, 5, caller=a_caller("k")))
    done(postgres_stage.execute(replenish(ada, 5, caller=a_caller("k"))))
    assert postgres_stage.balance(ada) == 5


def test_a_key_in_flight_elsewhere_does_not_harm_the_neighbours(postgres_stage: Stage) -> None:
    ada = postgres_stage.a_wallet()
    with a_stranger(url_of(postgres_stage)) as stranger:
        hold_key(stranger, "k")
        results = postgres_stage.run(
            replenish(ada, 1), replenish(ada, 5, caller=a_caller("k")), open_account()
        )
    assert [type(result) for result in results] == [Outcome, IdempotencyKeyInUse, Outcome]
    assert postgres_stage.balance(ada) == 1


@pytest.mark.parametrize(("end", "replayed"), [("commit", True), ("rollback", False)])
def test_a_duplicate_waits_for_the_first_to_end(
    postgres_stage: Stage, end: str, replayed: bool
) -> None:
    with a_stranger(url_of(postgres_stage)) as stranger, ThreadPoolExecutor(1) as pool:
        hold_key(stranger, "k")
        second = pool.submit(postgres_stage.execute, open_account(caller=a_caller("k")))
        until_somebody_waits_for_a_lock(url_of(postgres_stage))
        getattr(stranger, end)()
        outcome = done(second.result(10))
    assert outcome.replayed is replayed
    assert (outcome.body == {"first": True}) is replayed


# A movement between the external wallet and itself: whole, and nobody's wallet is locked.
OTHERS_TRANSACTION = """
    INSERT INTO transaction (id, type, actor, request_id, created_at, reference)
    VALUES (%(id)s, 'transfer', 'a', 'r', now(), 'rent');
    INSERT INTO posting (transaction_id, leg, wallet_id, amount, currency, created_at)
    VALUES (%(id)s, 0, %(wallet)s, 1, 'USD', now()), (%(id)s, 1, %(wallet)s, -1, 'USD', now());
    INSERT INTO idempotency_key (scope, key, fingerprint, transaction_id, created_at)
    VALUES ('rival', %(id)s, '', %(id)s, now())
"""
OTHERS_ACCOUNT = """
    INSERT INTO account (id, name, status, created_at, updated_at, reference)
    VALUES (%(id)s, 'Rival', 'active', now(), now(), 'rent');
    INSERT INTO wallet (id, account_id, currency, balance, wallet_version, created_at, updated_at)
    VALUES (%(id)s, %(id)s, 'USD', 0, 0, now(), now())
"""


@pytest.mark.parametrize("others", [OTHERS_TRANSACTION, OTHERS_ACCOUNT])
@pytest.mark.parametrize(("end", "refused"), [("commit", ReferenceTaken), ("rollback", None)])
def test_a_reference_that_another_process_was_faster_with_is_taken(
    postgres_stage: Stage, others: str, end: str, refused: type | None
) -> None:
    ada = postgres_stage.a_wallet()
    mine = replenish(ada, 5, reference="rent")
    command = mine if others is OTHERS_TRANSACTION else open_account(reference="rent")
    with a_stranger(url_of(postgres_stage)) as stranger, ThreadPoolExecutor(1) as pool:
        names = {"id": str(new_id()), "wallet": str(external_wallet_id("USD"))}
        stranger.cursor().execute(others, names)
        slower = pool.submit(postgres_stage.execute, command)
        until_somebody_waits_for_a_lock(url_of(postgres_stage))
        getattr(stranger, end)()
        outcome = slower.result(10)
    assert (outcome.refused and type(outcome.refused)) == refused


def test_a_deadlock_with_a_stranger_is_tried_again(
    postgres_stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    low, high = sorted((postgres_stage.a_wallet(100), postgres_stage.a_wallet(100)))
    lock = "SELECT FROM wallet WHERE id = %s FOR UPDATE"
    with (
        a_stranger(as_superuser(url_of(postgres_stage))) as stranger,
        ThreadPoolExecutor(1) as pool,
    ):
        cursor = stranger.cursor()
        cursor.execute("SET deadlock_timeout = '1min'")  # so that the service is the victim
        cursor.execute(lock, (str(high),))
        results = pool.submit(postgres_stage.run, transfer(low, high, 30))
        until_somebody_waits_for_a_lock(url_of(postgres_stage))
        cursor.execute(lock, (str(low),))
        stranger.commit()
        assert not done(results.result(10)[0]).replayed
    assert "deadlock detected" in caplog.text
    assert postgres_stage.balance(high) == 130


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (psycopg2.OperationalError("server closed the connection unexpectedly"), True),
        (psycopg2.DatabaseError("SSL SYSCALL error: EOF detected"), True),
        (psycopg2.InterfaceError("connection already closed"), True),
        (psycopg2.ProgrammingError("no results to fetch"), False),
        (psycopg2.DataError("a string that cannot be sent"), False),
    ],
)
def test_a_connection_is_lost_when_the_driver_says_so_in_any_of_its_ways(
    error: psycopg2.Error, lost: bool
) -> None:
    assert is_lost(error) is lost
