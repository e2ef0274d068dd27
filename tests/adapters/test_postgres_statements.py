"""The SQL of a batch: no more statements for 500 commands than for one, on keys, in the order of ids."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg2.extensions
import pytest
import sqlalchemy as sa

from adapters.system import new_id
from service_layer.command import Command
from service_layer.run_batch import claims_of
from tests.builders import (
    capture_hold,
    convert,
    open_account,
    place_hold,
    replenish,
    request_quote,
    reverse,
    transfer,
    void_hold,
)
from tests.concurrency.rig import a_stranger, as_superuser, sql, until_somebody_waits_for_a_lock
from tests.stage import Stage

MESSAGES_MAX = 4
STATEMENTS_MAX = 12  # BEGIN, lock, keys, references; keys, accounts, wallets, …; COMMIT
GROWN_ROWS = 4000


@contextmanager
def messages_of(stage: Stage) -> Iterator[list[str]]:
    """Every text that the money road sends to the server, without its values."""
    sent: list[str] = []

    class Listening(psycopg2.extensions.cursor):
        def execute(self, query: Any, values: Any = None) -> None:
            sent.append(query)
            super().execute(query, values)

    engine: sa.Engine = stage.container.posting_engine()
    engine.dispose()

    def listen(connection: Any, record: object) -> None:
        connection.cursor_factory = Listening

    sa.event.listen(engine, "connect", listen)
    yield sent
    sa.event.remove(engine, "connect", listen)


def a_batch_of_everything(stage: Stage, size: int) -> list[Command]:
    """`size` accounts, replenishments and transfers, each with a reference."""
    ada, bob = stage.a_wallet(1_000_000), stage.a_wallet()
    return [
        command
        for number in range(size)
        for command in (
            open_account(reference=f"{size} account {number}"),
            replenish(bob, 1, reference=f"{size} replenishment {number}"),
            transfer(ada, bob, 1, reference=f"{size} transfer {number}"),
        )
    ]


def test_a_batch_of_500_takes_as_many_statements_as_a_batch_of_one(postgres_stage: Stage) -> None:
    counts = {}
    with messages_of(postgres_stage) as sent:
        for size in (1, 10, 500):
            batch = a_batch_of_everything(postgres_stage, size)
            sent.clear()
            results = postgres_stage.run(*batch)
            assert not any(getattr(each, "refused", each) for each in results)
            counts[size] = (len(sent), sum(text.count(";") + 1 for text in sent))
    assert counts[1] == counts[10] == counts[500]
    messages, statements = counts[1]
    assert 0 < messages <= MESSAGES_MAX
    assert 0 < statements <= STATEMENTS_MAX


def test_a_transfer_takes_two_messages(postgres_stage: Stage) -> None:
    with messages_of(postgres_stage) as sent:
        ada, bob = postgres_stage.a_wallet(5), postgres_stage.a_wallet()
        sent.clear()
        postgres_stage.execute(transfer(ada, bob, 1))
    names = [re.findall(r"EXECUTE (\w+)", text) for text in sent]
    assert names == [
        ["open_books"],
        ["put_keys", "put_transactions", "put_postings", "update_wallets"],
    ]


def test_only_a_wallet_on_which_something_is_held_costs_a_further_message(
    postgres_stage: Stage,
) -> None:
    with messages_of(postgres_stage) as sent:
        ada, bob, eve = (postgres_stage.a_wallet(5) for _ in range(3))
        postgres_stage.execute(place_hold(ada, 1))
        sent.clear()
        postgres_stage.execute(transfer(bob, eve, 1))
        assert len(sent) == 2
        sent.clear()
        postgres_stage.execute(transfer(ada, bob, 1))
    names = [re.findall(r"EXECUTE (\w+)", text) for text in sent]
    assert names == [
        ["open_books"],
        ["read_expired"],
        ["put_keys", "put_transactions", "put_postings", "update_wallets"],
    ]


def test_a_batch_of_holds_is_no_more_messages_than_one(postgres_stage: Stage) -> None:
    stage = postgres_stage
    ada, bob = stage.a_wallet(1_000_000), stage.a_wallet()
    counts = []
    with messages_of(stage) as sent:
        for size in (1, 200):
            later = stage.clock.now + timedelta(minutes=1)
            placed = [place_hold(ada, 2, destination_wallet_id=bob) for _ in range(2 * size)]
            fleeting = [place_hold(ada, 1, expires_at=later) for _ in range(size)]
            assert not any(getattr(each, "refused", each) for each in stage.run(*placed, *fleeting))
            stage.clock.move(minutes=1)
            sent.clear()
            batch: list[Command] = [capture_hold(hold.id, 1) for hold in placed[:size]]
            batch += [void_hold(hold.id) for hold in placed[size:]]
            batch += [place_hold(ada, 1, reference=f"{size} {n}") for n in range(size)]
            assert not any(getattr(each, "refused", each) for each in stage.run(*batch))
            counts.append([re.findall(r"EXECUTE (\w+)", text) for text in sent])
    assert counts[0] == counts[1]
    assert counts[0] == [
        ["resolve_holds"],
        ["open_books"],
        ["read_holds"],
        ["find_hold_references"],
        ["read_expired"],
        [
            *("put_keys", "expire_holds", "put_holds", "update_holds"),
            *("put_transactions", "put_postings", "update_whole_wallets", "put_entries"),
        ],
    ]


def test_a_batch_of_conversions_is_no_more_messages_than_one(postgres_stage: Stage) -> None:
    stage = postgres_stage
    ada, euros = stage.a_wallet(10**9), stage.a_wallet(currency="EUR")
    counts = []
    with messages_of(stage) as sent:
        for size in (1, 200):
            quotes = [request_quote() for _ in range(size)]
            assert not any(getattr(each, "refused", each) for each in stage.run(*quotes))
            sent.clear()
            batch: list[Command] = [convert(quote.id, ada, euros) for quote in quotes]
            batch += [request_quote() for _ in range(size)]
            assert not any(getattr(each, "refused", each) for each in stage.run(*batch))
            counts.append([re.findall(r"EXECUTE (\w+)", text) for text in sent])
    assert counts[0] == counts[1]
    assert counts[0] == [
        ["open_books"],
        ["read_quotes"],
        [
            "put_keys",
            "put_quotes",
            "put_transactions",
            "put_postings",
            "update_wallets",
            "put_entries",
        ],
    ]


def test_quotes_are_found_by_their_keys_once_there_are_many(postgres_stage: Stage) -> None:
    stage, url = postgres_stage, postgres_stage.url or ""
    ada, euros = stage.a_wallet(10**9), stage.a_wallet(currency="EUR")

    def a_batch(size: int) -> list[Command]:
        quotes = [request_quote() for _ in range(size)]
        stage.run(*quotes)
        return [convert(quote.id, ada, euros) for quote in quotes]

    stage.run(*a_batch(1))  # the plans of this connection are made here
    for _ in range(GROWN_ROWS // 500):
        stage.run(*a_batch(250))
    batch = a_batch(5)
    flush_statistics(stage)
    before = scans(url)
    assert not any(getattr(each, "refused", each) for each in stage.run(*batch))
    flush_statistics(stage)
    after = scans(url)
    read = {name: after[name] - before[name] for name in before}
    index_entries = read.pop("index entries")
    assert read == dict.fromkeys(read, 0)
    assert 0 < index_entries < 25 * len(batch)


def test_a_batch_of_reversals_is_no_more_messages_than_one(postgres_stage: Stage) -> None:
    stage = postgres_stage
    ada, bob = stage.a_wallet(1_000_000), stage.a_wallet()
    counts = []
    with messages_of(stage) as sent:
        for size in (1, 100):
            paid = [transfer(ada, bob, 5) for _ in range(size)]
            stage.run(*paid)
            sent.clear()
            batch: list[Command] = [reverse(each.id, amount) for each in paid for amount in (1, 2)]
            assert not any(getattr(each, "refused", each) for each in stage.run(*batch))
            counts.append([re.findall(r"EXECUTE (\w+)", text) for text in sent])
    assert counts[0] == counts[1]
    assert counts[0] == [
        ["resolve_transactions"],
        ["open_books"],
        ["read_originals"],
        ["put_keys", "put_transactions", "put_postings", "update_wallets"],
    ]


@pytest.mark.parametrize("turn", [1, -1])
def test_wallets_are_locked_in_the_order_of_their_ids_whatever_the_request_says(
    postgres_stage: Stage, turn: int
) -> None:
    low, middle, high = sorted(postgres_stage.a_wallet(5) for _ in range(3))
    first, second, third = (low, middle, high)[::turn]
    url = postgres_stage.url or ""
    batch = [transfer(first, second, 1), transfer(second, third, 1)]
    with a_stranger(url) as stranger, ThreadPoolExecutor(1) as pool:
        stranger.cursor().execute("SELECT FROM wallet WHERE id = %s FOR UPDATE", (str(middle),))
        results = pool.submit(postgres_stage.run, *batch)
        until_somebody_waits_for_a_lock(url)
        free = sql(url, "SELECT id::text FROM wallet WHERE balance = 5 FOR UPDATE SKIP LOCKED")
        stranger.rollback()
        results.result(10)
    assert free == [(str(high),)]


def test_only_the_wallets_of_the_batch_are_locked(postgres_stage: Stage) -> None:
    ada, bob, eve = (postgres_stage.a_wallet(5) for _ in range(3))
    url = postgres_stage.url or ""
    with a_stranger(url) as stranger:
        stranger.cursor().execute(
            "SELECT FROM wallet WHERE id = %s OR account_id IS NULL FOR UPDATE", (str(eve),)
        )
        results = postgres_stage.run(transfer(ada, bob, 1), replenish(bob, 1))
    assert not any(getattr(each, "refused", each) for each in results)


def scans(url: str) -> dict[str, int]:
    """How often each table was read from end to end, and how many index entries were read in all."""
    rows = sql(
        url,
        "SELECT relname, seq_scan FROM pg_stat_user_tables"
        " WHERE relname IN"
        " ('wallet', 'account', 'transaction', 'posting', 'idempotency_key', 'hold', 'quote')"
        " UNION ALL SELECT 'index entries', sum(idx_tup_read) FROM pg_stat_user_indexes",
    )
    return {str(name): int(str(number)) for name, number in rows}


def flush_statistics(stage: Stage) -> None:
    """Have the money road's connection report what it has read."""
    connection = stage.container.posting_engine().raw_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    connection.close()


@pytest.mark.parametrize("then", ["", "ANALYZE", "connect again"])
def test_a_batch_uses_the_keys_once_the_tables_have_grown(postgres_stage: Stage, then: str) -> None:
    url = postgres_stage.url or ""
    # The plans of this connection are made here, on tables that are all but empty.
    postgres_stage.run(*a_batch_of_everything(postgres_stage, 1))
    for _ in range(GROWN_ROWS // 500):
        ada = postgres_stage.a_wallet()
        postgres_stage.run(*(replenish(ada, 1) for _ in range(250)))
        postgres_stage.run(*(open_account() for _ in range(250)))
    if then == "ANALYZE":
        sql(url, "ANALYZE")
    if then == "connect again":
        postgres_stage.container.posting_engine().dispose()
    batch = a_batch_of_everything(postgres_stage, 5)
    flush_statistics(postgres_stage)
    before = scans(url)
    postgres_stage.run(*batch)
    flush_statistics(postgres_stage)
    after = scans(url)
    read = {name: after[name] - before[name] for name in before}
    index_entries = read.pop("index entries")
    assert read == dict.fromkeys(read, 0)
    assert 0 < index_entries < 20 * len(batch)


def test_holds_are_found_by_their_keys_once_there_are_many(postgres_stage: Stage) -> None:
    stage, url = postgres_stage, postgres_stage.url or ""
    ada, bob = stage.a_wallet(1_000_000), stage.a_wallet(1_000_000)
    later = stage.clock.now + timedelta(hours=1)

    def a_batch(on: UUID) -> list[Command]:
        placed = [place_hold(on, 1, reference=str(new_id())) for _ in range(4)]
        stage.run(*placed)
        one, two, three, four = (hold.id for hold in placed)
        steps = [capture_hold(one), void_hold(two), capture_hold(three, 1), void_hold(four)]
        return [*steps, place_hold(on, 1, expires_at=later)]

    stage.run(*a_batch(ada))  # the plans of this connection are made here
    for _ in range(GROWN_ROWS // 500):
        lasting = [place_hold(ada, 1, reference=str(new_id())) for _ in range(500)]
        stage.run(*lasting)
    batch = a_batch(bob)
    flush_statistics(stage)
    before = scans(url)
    assert not any(getattr(each, "refused", each) for each in stage.run(*batch))
    flush_statistics(stage)
    after = scans(url)
    read = {name: after[name] - before[name] for name in before}
    index_entries = read.pop("index entries")
    assert read == dict.fromkeys(read, 0)
    assert 0 < index_entries < 25 * len(batch)


def test_originals_are_found_by_their_keys_once_there_are_many(postgres_stage: Stage) -> None:
    stage, url = postgres_stage, postgres_stage.url or ""
    ada, bob = stage.a_wallet(1_000_000), stage.a_wallet(1_000_000)

    def paid(number: int) -> list[UUID]:
        payments = [transfer(ada, bob, 5) for _ in range(number)]
        stage.run(*payments)
        return [payment.id for payment in payments]

    stage.run(*(reverse(id, 1) for id in paid(2)))  # the plans of this connection are made here
    for _ in range(GROWN_ROWS // 500):
        stage.run(*(reverse(id, 1) for id in paid(250)))
    batch = [reverse(id, part) for id in paid(5) for part in (1, 2, None)]
    flush_statistics(stage)
    before = scans(url)
    assert not any(getattr(each, "refused", each) for each in stage.run(*batch))
    flush_statistics(stage)
    after = scans(url)
    read = {name: after[name] - before[name] for name in before}
    index_entries = read.pop("index entries")
    assert read == dict.fromkeys(read, 0)
    assert 0 < index_entries < 40 * len(batch)


def test_a_batch_is_read_committed_whatever_the_database_prefers(postgres_stage: Stage) -> None:
    sql(
        postgres_stage.url or "",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation ="
        " serializable', current_database()); END $$",
    )
    with postgres_stage.container.unit_of_work() as unit:
        unit.open_books(claims_of([open_account()]))
        isolation = sql(
            as_superuser(postgres_stage.url or ""),
            "SELECT count(*) FROM pg_locks WHERE mode = 'SIReadLock'",
        )
    assert isolation == [(0,)]


def test_a_server_that_fell_silent_is_given_up_soon(postgres_stage: Stage) -> None:
    for engine in (
        postgres_stage.container.posting_engine(),
        postgres_stage.container.reading_engine(),
        postgres_stage.container.looking_engine(),
    ):
        connection = engine.raw_connection()
        told = connection.dbapi_connection.get_dsn_parameters()
        connection.close()
        assert int(told["tcp_user_timeout"]) <= 15_000  # milliseconds
        silence_seconds = int(told["keepalives_idle"]) + (
            int(told["keepalives_interval"]) * int(told["keepalives_count"])
        )
        assert silence_seconds <= 15
