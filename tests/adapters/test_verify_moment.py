"""`payments verify` sees one moment; `rebuild-balances` keeps writers out without a deadlock."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from service_layer.run_batch import claims_of, decide
from tests.adapters.test_contract_audit import auditor_of, damage_row, repairer_of
from tests.builders import replenish, transfer
from tests.concurrency.rig import a_rival, sql, until_somebody_waits_for_a_lock
from tests.stage import Stage


@contextmanager
def between_queries(engine: sa.Engine, act: Any) -> Iterator[None]:
    """Call `act(cursor)` after each statement of the audit."""

    def listen(connection: Any, cursor: Any, *rest: Any) -> None:
        act(cursor)

    sa.event.listen(engine, "after_cursor_execute", listen)
    yield
    sa.event.remove(engine, "after_cursor_execute", listen)


def test_the_audit_runs_in_one_read_only_snapshot(postgres_stage: Stage) -> None:
    postgres_stage.a_wallet(5)
    modes = set()

    def look(cursor: Any) -> None:
        with cursor.connection.cursor() as own:
            own.execute(
                "SELECT current_setting('transaction_isolation'),"
                " current_setting('transaction_read_only'), pg_current_snapshot()::text"
            )
            modes.add(own.fetchone())

    with between_queries(postgres_stage.container.plain_engine(), look):
        assert auditor_of(postgres_stage).verify().findings == ()
    (mode,) = modes
    assert mode[:2] == ("repeatable read", "on")


def test_transfers_between_its_queries_make_no_false_finding(postgres_stage: Stage) -> None:
    ada, bob = postgres_stage.a_wallet(100), postgres_stage.a_wallet()
    before = auditor_of(postgres_stage).verify()
    transfers = []

    def pay(cursor: Any) -> None:
        transfers.append(postgres_stage.execute(transfer(ada, bob, 1)))

    with between_queries(postgres_stage.container.plain_engine(), pay):
        report = auditor_of(postgres_stage).verify()
    assert len(transfers) > 10
    assert report.findings == ()
    assert report.transactions - before.transactions <= 2  # paid before the first query


def test_damage_between_its_queries_is_found_by_the_next_audit(postgres_stage: Stage) -> None:
    ada = postgres_stage.a_wallet(100)
    statements = []

    def damage(cursor: Any) -> None:
        statements.append(cursor.query)
        if len(statements) == 3:
            damage_row(postgres_stage, ada, balance=99, version=1)

    with between_queries(postgres_stage.container.plain_engine(), damage):
        assert auditor_of(postgres_stage).verify().findings == ()
    assert [each.rule for each in auditor_of(postgres_stage).verify().findings] == ["wallet-row"]
    assert repairer_of(postgres_stage).rebuild_balances() == 1


def test_an_audit_does_not_wait_for_a_batch_nor_a_batch_for_an_audit(postgres_stage: Stage) -> None:
    ada = postgres_stage.a_wallet(100)
    with a_rival(postgres_stage) as rival, rival.container.unit_of_work() as unit:
        unit.open_books(claims_of([replenish(ada)]))
        assert auditor_of(postgres_stage).verify().findings == ()


@pytest.mark.parametrize("ending", ["write", "leave"])
def test_a_repair_waits_for_the_batches_in_flight_without_a_deadlock(
    postgres_stage: Stage, ending: str
) -> None:
    ada, bob, eve = (postgres_stage.a_wallet(100) for _ in range(3))
    command = transfer(bob, eve, 30)
    damage_row(postgres_stage, ada, balance=1, version=1)
    with a_rival(postgres_stage) as rival, ThreadPoolExecutor(1) as pool:
        with rival.container.unit_of_work() as unit:
            books = unit.open_books(claims_of([command, replenish(ada)]))
            repaired = pool.submit(repairer_of(postgres_stage).rebuild_balances)
            until_somebody_waits_for_a_lock(postgres_stage.url or "")
            if ending == "write":
                decide(command, books)
                unit.write(books)
                unit.commit()
        assert repaired.result(10) == 1
    assert postgres_stage.balance(ada) == 100
    assert sql(postgres_stage.url or "", "SELECT count(*) FROM transaction") == [
        (4 if ending == "write" else 3,)
    ]
