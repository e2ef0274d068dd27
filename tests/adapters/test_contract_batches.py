"""The contract of client-made batches: one unit of work writes thousands of operations, on every adapter."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.errors import InsufficientFunds
from domain.idempotency import Outcome
from service_layer.command import Command
from service_layer.post_batch import Mode, PostBatch
from tests.builders import (
    a_batch,
    capture_hold,
    journal,
    open_account,
    place_hold,
    replenish,
    split,
    transfer,
    void_hold,
)
from tests.stage import Stage


def post(stage: Stage, batch: PostBatch) -> Outcome:
    outcome: Outcome = stage.container.batch_lane().execute(batch)
    return outcome


def of_every_kind(stage: Stage, ada: UUID, bob: UUID) -> list[Command]:
    hold, voided = place_hold(ada, 50), place_hold(ada, 50)
    stage.run(hold, voided)
    return [
        open_account(reference="eve"),
        replenish(ada, 500, reference="top-up"),
        transfer(ada, bob, 100),
        split(ada, 100, (bob, "50"), (stage.a_wallet(), None)),
        journal((ada, -5), (bob, 5)),
        place_hold(bob, 5),
        capture_hold(hold.id, 20, destination_wallet_id=bob),
        void_hold(voided.id),
    ]


@pytest.mark.parametrize("mode", list(Mode))
def test_operations_of_every_kind_are_done_in_one_batch(stage: Stage, mode: Mode) -> None:
    ada, bob = stage.a_wallet(1000), stage.a_wallet()
    batch = a_batch(*of_every_kind(stage, ada, bob), mode=mode)
    outcome = post(stage, batch)
    assert [each.refused for each in outcome.parts] == [None] * 8
    assert (stage.balance(ada), stage.balance(bob)) == (1275, 175)
    again = post(stage, batch)
    assert again.replayed
    assert [each.transaction_id for each in again.parts] == [
        each.transaction_id for each in outcome.parts
    ]
    assert [each.body for each in again.parts] == [each.body for each in outcome.parts]


def test_a_refused_atomic_batch_leaves_no_mark(stage: Stage) -> None:
    ada, bob = stage.a_wallet(1000), stage.a_wallet()
    operations = of_every_kind(stage, ada, bob)
    batch = a_batch(*operations, transfer(bob, ada, 10**9), mode=Mode.ATOMIC)
    outcome = post(stage, batch)
    assert isinstance(outcome.refused, InsufficientFunds)
    assert outcome.refused.data["index"] == 8
    assert (stage.balance(ada), stage.balance(bob)) == (1000, 0)
    queries = stage.container.queries()
    assert queries.accounts(reference="eve", before=None, limit=1) == []
    assert post(stage, batch).refused is not None
    assert post(stage, a_batch(*operations, mode=Mode.ATOMIC)).refused is None


def test_ten_thousand_operations_are_one_batch(stage: Stage) -> None:
    wallets = [stage.a_wallet(10**6) for _ in range(10)]
    operations = [
        transfer(wallets[number % 10], wallets[(number + 1) % 10], 1 + number % 7)
        for number in range(10_000)
    ]
    outcome = post(stage, a_batch(*operations))
    assert all(each.refused is None for each in outcome.parts)
    assert sum(stage.balance(each) for each in wallets) == 10**7
    known = stage.container.queries().transactions_by_id([each.id for each in operations])
    assert [known[each.id] for each in operations] == [each.transaction for each in outcome.parts]


def test_only_transactions_that_exist_are_found_by_their_ids(stage: Stage) -> None:
    queries = stage.container.queries()
    made = replenish(stage.a_wallet(), 7)
    stage.execute(made)
    assert set(queries.transactions_by_id([made.id, UUID(int=7)])) == {made.id}
    assert queries.transactions_by_id([]) == {}


def test_the_count_of_statements_does_not_grow_with_the_batch(postgres_stage: Stage) -> None:
    stage = postgres_stage
    ada, bob = stage.a_wallet(10**6), stage.a_wallet()
    assert _statements(stage, a_batch(*(transfer(ada, bob, 1) for _ in range(2)))) == _statements(
        stage, a_batch(*(transfer(ada, bob, 1) for _ in range(500)))
    )


def _statements(stage: Stage, batch: PostBatch) -> int:
    """How many messages went to the server for this batch."""
    sent: list[str] = []
    engine: sa.Engine = stage.container.batch_engine()
    with engine.connect() as connection:
        cursor_class = type(connection.connection.cursor())
    original = cursor_class.execute

    class Counting(cursor_class):  # type: ignore[valid-type, misc]
        def execute(self, statement: str, values: object = None) -> None:
            sent.append(statement)
            original(self, statement, values)

    raw = engine.raw_connection()
    raw.driver_connection.cursor_factory = Counting  # type: ignore[union-attr]
    raw.close()
    assert post(stage, batch).refused is None
    return len(sent)


def test_batches_do_not_wait_for_single_payments_lanes(postgres_stage: Stage) -> None:
    stage = postgres_stage
    ada, bob = stage.a_wallet(10), stage.a_wallet()
    with stage.container.unit_of_work() as unit:  # the lane of single payments is taken
        claims = a_batch().claims._replace(wallet_ids=frozenset())
        unit.open_books(claims)
        assert post(stage, a_batch(transfer(ada, bob, 4))).refused is None
    assert stage.balance(bob) == 4
