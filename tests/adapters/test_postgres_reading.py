"""What reads on PostgreSQL see while others write."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from adapters.postgres.arrays import id_array
from adapters.postgres.prepared import Prepared
from adapters.postgres.queries import HELD_WALLET_BY_ID, TRANSACTION_BY_ID, WALLET_BY_ID
from tests.builders import open_account, open_wallet, place_hold, replenish
from tests.stage import Stage

NOBODY = UUID(int=1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def statements_of(stage: Stage) -> list[str]:
    """Filled with the statements that are read from now on."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    sa.event.listen(stage.container.reading_engine(), "before_cursor_execute", note)
    return seen


def test_accounts_are_read_with_their_wallets_in_one_statement(postgres_stage: Stage) -> None:
    """Two would see two moments: an account that is active, say, with wallets that are frozen."""
    ada, bob = open_account(), open_account(name="Bob")
    postgres_stage.run(ada, bob)
    postgres_stage.run(open_wallet(ada.id, "EUR"))
    seen = statements_of(postgres_stage)
    queries = postgres_stage.container.queries()
    shown = queries.account(ada.id)
    assert [wallet.currency for wallet in shown.wallets] == ["USD", "EUR"]
    assert len(seen) == 1
    listed = queries.accounts(reference=None, before=None, limit=10)
    assert [(each.name, len(each.wallets)) for each in listed] == [("Bob", 1), ("Ada", 2)]
    assert len(seen) == 2


def test_the_transactions_of_a_batch_are_read_while_all_connections_of_look_ups_are_taken(
    postgres_stage: Stage,
) -> None:
    """Look-ups have one for each lane: who took one from them would have the event loop wait in its pool."""
    paid = replenish(postgres_stage.a_wallet(), 100)
    postgres_stage.run(paid)
    engine = postgres_stage.container.looking_engine()
    taken = [engine.raw_connection() for _ in range(engine.pool.size())]
    found = postgres_stage.container.queries().transactions_by_id([paid.id, NOBODY])
    for connection in taken:
        connection.close()
    assert list(found) == [paid.id]


@pytest.mark.parametrize(
    "prepared", [WALLET_BY_ID, HELD_WALLET_BY_ID, TRANSACTION_BY_ID], ids=lambda each: each.name
)
def test_what_is_prepared_on_empty_tables_goes_along_indexes(
    postgres_stage: Stage, prepared: Prepared
) -> None:
    connection = postgres_stage.container.looking_engine().raw_connection()
    cursor = connection.cursor()
    cursor.execute(prepared.prepare)
    values = [id_array([NOBODY]), NOW][: prepared.execute.count("%s")]
    cursor.execute("EXPLAIN " + prepared.execute, values)
    plan = "\n".join(line for (line,) in cursor.fetchall())
    cursor.execute("SHOW enable_seqscan")
    assert "Seq Scan" not in plan
    assert "_pkey" in plan
    assert "$1" in plan  # for any values
    assert cursor.fetchone() == ("on",)
    connection.close()


def test_a_wallet_with_holds_is_shown_without_those_that_are_over(postgres_stage: Stage) -> None:
    wallet_id = postgres_stage.a_wallet(100)
    over = postgres_stage.clock.now + timedelta(seconds=5)
    postgres_stage.run(place_hold(wallet_id, 30, expires_at=over), place_hold(wallet_id, 20))
    queries = postgres_stage.container.queries()
    assert queries.wallet(wallet_id).held == 50
    postgres_stage.clock.move(seconds=6)
    shown = queries.wallet(wallet_id)
    assert (shown.held, shown.available, shown.updated_at) == (20, 80, over)
