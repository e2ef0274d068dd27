"""What reads on PostgreSQL see while others write."""

from typing import Any

import sqlalchemy as sa

from tests.builders import open_account, open_wallet
from tests.stage import Stage


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
