"""The sequencer on PostgreSQL: who commits late, in whatever order, is numbered once; nobody is skipped."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from adapters.postgres import sequencer
from service_layer.run_batch import claims_of, decide
from tests.adapters.test_contract_log import log_of, number, pay, seal_all
from tests.builders import open_account, replenish
from tests.concurrency.rig import a_rival, a_stranger, as_superuser, sql
from tests.stage import Stage

PLAN = """
EXPLAIN SELECT id FROM transaction
WHERE written_in >= 1000 OR written_in = ANY (ARRAY[5, 6]::bigint[])
"""


@contextmanager
def an_open_writer(stage: Stage, wallet_id: UUID) -> Iterator[Any]:
    """A replenishment of another process that is written, and committed only when `commit()` is called."""
    command = replenish(wallet_id, 1)
    with a_rival(stage) as rival, rival.container.unit_of_work() as unit:
        books = unit.open_books(claims_of([command]))
        decide(command, books)
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
    plan = " ".join(str(row[0]) for row in sql(url, f"SET enable_seqscan = off; {PLAN}"))
    assert "transaction_written_in_idx" in plan
    assert "Seq Scan" not in plan
