"""The sequencer on PostgreSQL: who commits late, in whatever order, is numbered once; nobody is skipped."""

import random
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from adapters.postgres import sequencer
from domain.event import Event
from domain.transaction import Transaction
from service_layer.command import Command
from service_layer.event_queries import EventPage
from service_layer.run_batch import claims_of, decide
from tests.adapters.test_contract_log import log_of, number, pay, seal_all
from tests.builders import open_account, place_hold, replenish
from tests.concurrency.rig import a_rival, a_stranger, as_superuser, sql
from tests.stage import Stage

SINCE = "(t.written_in >= 1000 OR t.written_in = ANY (ARRAY[5, 6]::bigint[]))"
PLAN = "EXPLAIN " + sequencer.DECLARE.partition(" FOR\n")[2].format(since=SINCE)


@contextmanager
def an_open_writer(stage: Stage, wallet_id: UUID, also: Sequence[Command] = ()) -> Iterator[Any]:
    """A replenishment of another process that is written, and committed only when `commit()` is called."""
    command = replenish(wallet_id, 1)
    batch = [*also, command]
    with a_rival(stage) as rival, rival.container.unit_of_work() as unit:
        books = unit.open_books(claims_of(batch))
        for each in batch:
            decide(each, books)
        unit.write(books)
        # What is staged goes to the server; only the COMMIT is held back.
        for statement, values in unit._staged:
            unit._cursor.execute(statement, values)
        unit._staged = []
        unit.id = command.id
        yield unit


def ids(stage: Stage) -> list[UUID]:
    return [each.transaction.id for each in log_of(stage)]


def test_a_writer_that_was_open_for_long_is_not_skipped_and_moves_nobody(
    postgres_stage: Stage,
) -> None:
    wallet = postgres_stage.a_wallet()
    with an_open_writer(postgres_stage, wallet) as writer:
        numbered = []
        for _ in range(5):
            numbered += pay(postgres_stage, 2)
            assert number(postgres_stage) == 2
        assert ids(postgres_stage) == numbered
        writer.commit()
    assert number(postgres_stage) == 1
    assert ids(postgres_stage) == [*numbered, writer.id]
    assert number(postgres_stage) == 0


def test_writers_that_commit_in_another_order_than_they_began_are_numbered_as_they_commit(
    postgres_stage: Stage,
) -> None:
    accounts = [open_account() for _ in range(6)]
    postgres_stage.run(*accounts)
    with ExitStack() as stack:
        writers = [
            stack.enter_context(an_open_writer(postgres_stage, account.wallet_id))
            for account in accounts
        ]
        committed = []
        for place in (3, 0, 5, 1, 4, 2):
            writers[place].commit()
            committed.append(writers[place].id)
            assert number(postgres_stage) == 1
        assert ids(postgres_stage) == committed


def test_a_writer_that_rolls_back_leaves_no_gap(postgres_stage: Stage) -> None:
    wallet = postgres_stage.a_wallet()
    with an_open_writer(postgres_stage, wallet):
        pay(postgres_stage, 1)
        number(postgres_stage)
    pay(postgres_stage, 1)
    number(postgres_stage)
    assert [each.number for each in log_of(postgres_stage)] == [1, 2]


def test_an_open_writer_of_another_database_holds_nothing_up(postgres_stage: Stage) -> None:
    superuser = sa.make_url(as_superuser(postgres_stage.url or ""))
    elsewhere = superuser.set(database="postgres").render_as_string(hide_password=False)
    with a_stranger(elsewhere) as session:
        session.cursor().execute("SELECT pg_current_xact_id()")
        pay(postgres_stage, 2)
        assert number(postgres_stage) == 2
        pay(postgres_stage, 1)
        assert number(postgres_stage) == 1


def test_many_writers_with_many_sequencers_leave_no_gap_and_number_nothing_twice(
    postgres_stage: Stage,
) -> None:
    accounts = [open_account() for _ in range(8)]
    postgres_stage.run(*accounts)
    go = Barrier(7)

    def write(rival: Stage, seed: int) -> None:
        chance = random.Random(seed)
        go.wait(20)
        for _ in range(25):
            wallets = [chance.choice(accounts).wallet_id for _ in range(3)]
            rival.run(*(replenish(wallet, 1) for wallet in wallets))

    def sequence(rival: Stage) -> None:
        go.wait(20)
        for _ in range(40):
            number(rival)

    with ExitStack() as stack:
        rivals = [stack.enter_context(a_rival(postgres_stage)) for _ in range(7)]
        with ThreadPoolExecutor(7) as pool:
            work = [pool.submit(write, rival, seed) for seed, rival in enumerate(rivals[:4])]
            work += [pool.submit(sequence, rival) for rival in rivals[4:]]
            for each in work:
                each.result(60)
    number(postgres_stage)
    log = log_of(postgres_stage)
    assert [each.number for each in log] == list(range(1, 4 * 25 * 3 + 1))
    assert len({each.transaction.id for each in log}) == len(log)
    seen: dict[UUID, int] = {}
    for posting in (posting for each in log for posting in each.transaction.postings):
        if posting.wallet_version is not None:
            assert posting.wallet_version == seen.get(posting.wallet_id, 0) + 1
            seen[posting.wallet_id] = posting.wallet_version
    seal_all(postgres_stage, at_once=50)


def test_a_sequencer_that_was_cut_short_goes_on_where_it_was(
    postgres_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = pay(postgres_stage, 7)
    monkeypatch.setattr(sequencer, "NUMBERED_AT_ONCE", 3)
    with monkeypatch.context() as patch:
        patch.setattr(sequencer, "REMEMBER", "SELECT 1 / 0 WHERE :server <> :snapshot")
        with pytest.raises(Exception, match="division by zero"):
            number(postgres_stage)
    assert ids(postgres_stage) == paid
    late = pay(postgres_stage, 2)
    assert number(postgres_stage) == 2
    assert ids(postgres_stage) == paid + late


def test_after_a_move_to_another_server_everything_is_looked_at_again(
    postgres_stage: Stage,
) -> None:
    """The ids of database transactions may be lower there."""
    paid = pay(postgres_stage, 2)
    number(postgres_stage)
    later = pay(postgres_stage, 1)
    snapshot = "900000000000:900000000000:"
    sql(postgres_stage.url or "", "UPDATE sequencer SET server = 'other', snapshot = %s", snapshot)
    assert number(postgres_stage) == 1
    assert ids(postgres_stage) == paid + later


def test_what_is_new_is_looked_up_in_the_index(postgres_stage: Stage) -> None:
    pay(postgres_stage, 2)
    url = postgres_stage.url or ""
    settings = sequencer.LOOK_UP.replace("LOCAL", "")
    plan = " ".join(str(row[0]) for row in sql(url, f"{settings}; {PLAN}"))
    assert "transaction_written_in_idx" in plan
    assert "audit_entry_written_in_idx" in plan
    assert "Seq Scan" not in plan


def events_of(stage: Stage) -> list[Event]:
    found: EventPage = stage.container.events().after(0, limit=1000)
    return list(found.events)


def test_events_of_a_writer_that_was_open_for_long_come_last_and_move_nobody(
    postgres_stage: Stage,
) -> None:
    wallet = postgres_stage.a_wallet(10)
    holding = place_hold(wallet, 1)
    with an_open_writer(postgres_stage, postgres_stage.a_wallet(), also=[open_account()]) as writer:
        for _ in range(3):
            postgres_stage.run(open_account(), replenish(wallet, 1))
            number(postgres_stage)
        postgres_stage.execute(holding)
        number(postgres_stage)
        before = events_of(postgres_stage)
        assert before[-1].resource_id == holding.id
        writer.commit()
    number(postgres_stage)
    after = events_of(postgres_stage)
    assert after[: len(before)] == before
    assert [each.type for each in after[len(before) :]] == [
        "account.opened",
        "replenishment.created",
    ]
    assert after[-1].resource_id == writer.id


def test_a_reader_that_goes_on_from_the_last_number_misses_nothing_while_many_write(
    postgres_stage: Stage,
) -> None:
    done = threading.Event()
    opening = [open_account() for _ in range(8)]
    postgres_stage.run(*opening)

    def write(rival: Stage, seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(20):
            wallet = chance.choice(opening).wallet_id
            rival.run(open_account(), replenish(wallet, 1), place_hold(wallet, 1))

    def sequence(rival: Stage) -> None:
        while not done.is_set():
            number(rival)

    def read(rival: Stage) -> list[Event]:
        seen: list[Event] = []
        while True:
            finished = done.is_set()
            page = rival.container.events().after(seen[-1].number if seen else 0, limit=7)
            seen += page.events
            if finished and not page.events:
                return seen

    with ExitStack() as stack:
        rivals = [stack.enter_context(a_rival(postgres_stage)) for _ in range(7)]
        with ThreadPoolExecutor(7) as pool:
            writers = [pool.submit(write, rival, seed) for seed, rival in enumerate(rivals[:4])]
            others = [pool.submit(sequence, rival) for rival in rivals[4:6]]
            reading = pool.submit(read, rivals[6])
            try:
                for each in writers:
                    each.result(60)
                number(postgres_stage)
                number(postgres_stage)
            finally:
                done.set()
            for sequencing in others:
                sequencing.result(60)
            seen = reading.result(60)
    number(postgres_stage)
    everything = events_of(postgres_stage)
    assert seen == everything[: len(seen)]
    assert [each.number for each in everything] == list(range(1, 8 + 4 * 20 * 3 + 1))
    assert len({(each.type, each.resource_id) for each in everything}) == len(everything)


def test_what_an_earlier_version_has_numbered_in_the_log_still_becomes_events(
    postgres_stage: Stage,
) -> None:
    """It may run on for a while beside this one: it numbers transactions alone, and remembers in row 1."""
    url = postgres_stage.url or ""
    paid = pay(postgres_stage, 3)
    number(postgres_stage)
    later = pay(postgres_stage, 2)
    for place, id in enumerate(reversed(later), start=4):
        sql(url, "INSERT INTO transaction_number VALUES (%s, %s)", place, str(id))
    sql(
        url,
        "INSERT INTO sequencer SELECT 1, server, pg_current_snapshot()::text FROM sequencer",
    )
    assert number(postgres_stage) == 0
    found = [each.of.id for each in events_of(postgres_stage) if isinstance(each.of, Transaction)]
    assert found == [*paid, *reversed(later)] == ids(postgres_stage)
