"""Two processes of the service on one PostgreSQL: nothing is lost, nothing is done twice."""

from collections import Counter
from contextlib import ExitStack
from multiprocessing.connection import Connection
from typing import Any
from uuid import UUID

from tests.concurrency.rig import sql, until
from tests.concurrency.worker import (
    SPAWN,
    THREADS,
    a_process,
    hammer,
    pay_on,
    request,
    send_the_same,
)
from tests.stage import Stage, strike

SECONDS_MAX = 60
ROUNDS = 60


def heard(hear: Connection) -> Any:
    assert hear.poll(SECONDS_MAX), "the process said nothing"
    return hear.recv()


def test_transfers_in_both_directions_lose_nothing_and_never_surface_a_deadlock(
    postgres_stage: Stage,
) -> None:
    wallets = [postgres_stage.a_wallet(1000) for _ in range(4)]
    gained: Counter[Any] = Counter()
    go = SPAWN.Barrier(2)
    with ExitStack() as stack:
        processes = [
            stack.enter_context(a_process(hammer, postgres_stage.url, go, wallets, seed, ROUNDS))
            for seed in (1, 2)
        ]
        for _, hear in processes:
            gained.update(heard(hear))
    assert gained.pop("done") + gained.pop("refused") == 2 * THREADS * ROUNDS
    assert set(gained) <= set(wallets)  # else an error came up
    balances = [postgres_stage.balance(wallet) for wallet in wallets]
    assert balances == [1000 + gained[wallet] for wallet in wallets]
    assert sum(balances) == 4000
    assert min(balances) >= 0


def test_of_50_identical_requests_at_one_moment_one_has_an_effect(postgres_stage: Stage) -> None:
    go = SPAWN.Barrier(2)
    with (
        a_process(send_the_same, postgres_stage.url, go, "k", 25) as (_, one),
        a_process(send_the_same, postgres_stage.url, go, "k", 25) as (_, other),
    ):
        answers = heard(one) + heard(other)
    assert sorted(replayed for replayed, _ in answers) == [False] + [True] * 49
    first = answers[0][1]
    assert all(body == first for _, body in answers)
    assert sql(postgres_stage.url or "", "SELECT count(*) FROM account") == [(1,)]


def test_after_kill_9_what_was_acknowledged_is_there_once_and_retries_add_what_is_missing(
    postgres_stage: Stage,
) -> None:
    ada, bob = postgres_stage.a_wallet(1_000_000), postgres_stage.a_wallet()
    acknowledged: dict[str, UUID] = {}
    with (
        a_process(pay_on, postgres_stage.url, ada, bob, "killed") as (victim, hear_victim),
        a_process(pay_on, postgres_stage.url, ada, bob, "survivor") as (_, hear_survivor),
    ):
        acknowledged |= dict(heard(hear_victim) for _ in range(150))
        acknowledged |= dict(heard(hear_survivor) for _ in range(150))
        victim.kill()
        acknowledged |= dict(rest_of(hear_victim))
        acknowledged |= dict(heard(hear_survivor) for _ in range(150))
    until_their_sessions_are_gone(postgres_stage)
    stored = stored_payments(postgres_stage)
    assert {key: stored[key] for key in acknowledged} == acknowledged
    assert postgres_stage.balance(bob) == len(stored)

    keys = set(stored) | {next_key(key) for key in stored}
    outcomes = {key: postgres_stage.execute(request(ada, bob, key)) for key in sorted(keys)}
    assert {key: outcome.transaction_id for key, outcome in outcomes.items()} == (
        stored_payments(postgres_stage)
    )
    assert {key for key, outcome in outcomes.items() if outcome.replayed} == set(stored)
    assert postgres_stage.balance(bob) == len(keys)


def rest_of(hear: Connection) -> list[tuple[str, UUID]]:
    """What a killed process had said; its last words may be cut short."""
    said = []
    try:
        while hear.poll(SECONDS_MAX):
            said.append(hear.recv())
    except (EOFError, OSError):
        pass
    return said


def stored_payments(stage: Stage) -> dict[str, UUID]:
    """The payments of the two processes: key to transaction, as the database has them."""
    rows = sql(
        stage.url or "",
        "SELECT key, k.transaction_id::text FROM idempotency_key k"
        " JOIN posting p ON p.transaction_id = k.transaction_id AND amount = 1"
        " WHERE key ~ '^(killed|survivor)-'",
    )
    stored = {str(key): UUID(str(id)) for key, id in rows}
    assert len(rows) == len(stored) == len(set(stored.values()))
    return stored


def next_key(key: str) -> str:
    """The request that its thread sends after this one: in flight when the process was killed, perhaps."""
    name, thread, number = key.split("-")
    return f"{name}-{thread}-{int(number) + 1}"


def until_their_sessions_are_gone(stage: Stage) -> None:
    """What the killed processes had in flight is committed or rolled back when their sessions are gone."""
    strike(stage)
    until(
        stage.url or "",
        "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'payments'",
    )
