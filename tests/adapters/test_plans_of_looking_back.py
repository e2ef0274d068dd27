"""The plans of looking back, on filled tables: each question is answered from an index."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from adapters.postgres import transaction_search
from domain.period import Period
from service_layer.history import History, lines_of
from service_layer.queries import Queries
from service_layer.transaction_filter import TransactionFilter
from tests.concurrency.rig import as_superuser, sql
from tests.servers import Servers
from tests.stage import Stage, a_stage, strike

TRANSACTIONS = 20_000
ROWS_MAX = 600  # that any step of a plan may see: some pages, never the tables

# A merchant is in every transaction, each time with another of a hundred customers. Four have another type,
# two another channel than the web.
FILL = """
SET session_replication_role = replica;
INSERT INTO account (id, name, status, created_at, updated_at)
SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'A', 'active', at, at
FROM generate_series(0, 100) AS n, (VALUES (timestamptz '2025-01-01Z')) AS began (at);
INSERT INTO wallet
    (id, account_id, balance, wallet_version, currency, created_at, updated_at, overdraft_limit)
SELECT id, id, 0, 0, 'USD', created_at, updated_at, 1000000 FROM account;
INSERT INTO transaction (id, type, actor, request_id, created_at, metadata)
SELECT ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
       CASE WHEN n %% 5000 = 7 THEN 'journal' ELSE 'transfer' END, 'test', 'test',
       timestamptz '2025-01-01Z' + n * interval '1 minute',
       CASE WHEN n %% 4 = 0
            THEN jsonb_build_object('invoice', n::text,
                                    'channel', CASE WHEN n %% 10000 = 0 THEN 'fax' ELSE 'web' END)
            ELSE '{}' END
FROM generate_series(1, %s) AS n;
INSERT INTO posting
    (transaction_id, leg, wallet_id, amount, currency, balance_after, wallet_version, created_at)
SELECT t.id, leg, w.id, sign, 'USD', sign * version, version, t.created_at
FROM (SELECT id, created_at, row_number() OVER (ORDER BY id) AS n FROM transaction) AS t
CROSS JOIN LATERAL (
    VALUES (0, 1 + (t.n - 1) %% 100, -1, 1 + (t.n - 1) / 100), (1, 0, 1, t.n)
) AS side (leg, who, sign, version)
JOIN wallet AS w ON w.id = ('00000000-0000-7000-8000-' || lpad(who::text, 12, '0'))::uuid;
UPDATE wallet SET balance = p.balance_after, wallet_version = p.wallet_version,
    last_posted_at = p.created_at
FROM (SELECT DISTINCT ON (wallet_id) * FROM posting ORDER BY wallet_id, wallet_version DESC) AS p
WHERE wallet.id = p.wallet_id;
"""
MERCHANT, CUSTOMER = (UUID(f"00000000-0000-7000-8000-{n:012}") for n in (0, 5))
MIDDLE = UUID(f"01900000-0000-7000-8000-{TRANSACTIONS // 2:012}")
BEGAN = datetime.fromisoformat("2025-01-01T00:00:00Z")
WINDOW = {"from_time": BEGAN + timedelta(hours=40), "to_time": BEGAN + timedelta(hours=90)}


@pytest.fixture(scope="module", params=["postgres18", "postgres15"])
def filled(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Stage]:
    """Books of a merchant, with statistics; nothing is written to them."""
    url = servers.new_ledger(request.param)
    sql(as_superuser(url), FILL, TRANSACTIONS)
    sql(url, "ANALYZE")
    stage = a_stage(request.param, url, migrated=True)
    yield stage
    strike(stage)


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes_of(below)


def plans_of(stage: Stage, ask: Callable[[], object]) -> list[list[dict[str, Any]]]:
    """The nodes of the plan of each statement that a question needs, as it was carried out."""
    engine: sa.Engine = stage.container.reading_engine()
    asked: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        asked.append((statement, values))

    sa.event.listen(engine, "before_cursor_execute", listen)
    ask()
    sa.event.remove(engine, "before_cursor_execute", listen)
    with engine.connect() as connection:
        plans = [
            connection.exec_driver_sql(
                f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values
            ).scalar_one()
            for statement, values in asked
        ]
    return [list(nodes_of(plan[0]["Plan"])) for plan in plans]


def check(stage: Stage, ask: Callable[[], object]) -> None:
    """No table is read from end to end; nowhere are many rows read, sorted or thrown away."""
    plans = plans_of(stage, ask)
    assert plans
    for nodes in plans:
        scanned = {node.get("Relation Name") for node in nodes if node["Node Type"] == "Seq Scan"}
        assert not scanned & {"transaction", "posting"}, nodes
        for node in nodes:
            seen = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            assert seen * node["Actual Loops"] <= ROWS_MAX, (node, nodes)


LISTS: dict[str, dict[str, Any]] = {
    "all": {},
    "a frequent type": {"type": "transfer"},
    "a rare type": {"type": "journal"},
    "no type": {"type": "split"},
    "a window": WINDOW,
    "a window and a rare type": {"type": "journal", **WINDOW},
    "a reference": {"reference": "none"},
    "a reference of a wallet": {"reference": "none", "wallet_id": CUSTOMER},
    "a hold": {"hold_id": MIDDLE},
    "a wallet": {"wallet_id": CUSTOMER},
    "a wallet and a window": {"wallet_id": CUSTOMER, **WINDOW},
    "a wallet and a rare type": {"wallet_id": CUSTOMER, "type": "journal"},
    "a wallet and an invoice": {"wallet_id": CUSTOMER, "metadata": {"invoice": "8004"}},
    "an account": {"account_id": CUSTOMER},
    "an account and a window": {"account_id": CUSTOMER, **WINDOW},
    "the merchant": {"wallet_id": MERCHANT},
    "the merchant and a window": {"wallet_id": MERCHANT, **WINDOW},
    "the merchant and a frequent type": {"wallet_id": MERCHANT, "type": "transfer"},
    "the merchant and a rare type": {"wallet_id": MERCHANT, "type": "journal"},
    "the merchant and an invoice": {"wallet_id": MERCHANT, "metadata": {"invoice": "8004"}},
    "an invoice": {"metadata": {"invoice": "8004"}},
    "two pairs": {"metadata": {"invoice": "8004", "channel": "web"}},
    "a rare channel": {"metadata": {"channel": "fax"}},
    "a frequent channel": {"metadata": {"channel": "web"}},
    "a channel that there is not": {"metadata": {"channel": "pigeon"}},
    "an invoice and a window": {"metadata": {"invoice": "8004"}, **WINDOW},
}


@pytest.mark.parametrize("before", [None, MIDDLE], ids=["first page", "later page"])
@pytest.mark.parametrize("filters", LISTS.values(), ids=LISTS.keys())
def test_transactions_are_found_by_indexes(
    filled: Stage, filters: dict[str, Any], before: UUID | None
) -> None:
    queries: Queries = filled.container.queries()
    chosen = TransactionFilter(**filters)
    check(filled, lambda: queries.transactions(chosen, before=before, limit=26))


def test_few_wallets_are_walked_with_a_further_filter() -> None:
    assert 1000 < transaction_search.WALKED_POSTINGS_MAX < TRANSACTIONS


@pytest.mark.parametrize("before", [None, 3000])
@pytest.mark.parametrize("filters", [{}, WINDOW, {"type": "transfer"}], ids=str)
def test_postings_are_found_by_indexes(
    filled: Stage, filters: dict[str, Any], before: int | None
) -> None:
    queries: Queries = filled.container.queries()
    wanted: dict[str, Any] = {"from_time": None, "to_time": None} | filters
    check(filled, lambda: queries.postings(MERCHANT, **wanted, before=before, limit=26))


@pytest.mark.parametrize("wallet", [MERCHANT, CUSTOMER])
@pytest.mark.parametrize("hours", [-1, 0, 100, 10_000])
def test_a_balance_at_an_instant_is_one_entry_of_an_index(
    filled: Stage, wallet: UUID, hours: int
) -> None:
    history: History = filled.container.history()
    [nodes] = plans_of(filled, lambda: history.balance(wallet, at=BEGAN + timedelta(hours=hours)))
    on_posting = [node for node in nodes if node.get("Relation Name") == "posting"]
    assert [node["Index Name"] for node in on_posting] == ["posting_wallet_id_created_at_idx"]
    for node in nodes:
        assert node["Actual Rows"] <= 1
        assert node["Node Type"] != "Sort"


def test_a_statement_reads_its_own_lines_alone(filled: Stage) -> None:
    history: History = filled.container.history()
    period = Period(**WINDOW)

    def ask() -> None:
        list(lines_of(history, history.statement(MERCHANT, period)))

    plans = plans_of(filled, ask)
    head, *pieces = plans
    assert all(node["Actual Rows"] <= 1 for node in head if node["Node Type"] != "Seq Scan")
    assert len(pieces) == 3  # 3000 lines
    for nodes in pieces:
        [on_posting] = [node for node in nodes if node.get("Relation Name") == "posting"]
        assert on_posting["Node Type"] in ("Index Scan", "Bitmap Heap Scan")
        assert on_posting["Actual Rows"] <= 1000
