"""The demo's marketplace is believable, the same for the same seed, made by ordinary commands."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from domain.transaction import TransactionType
from entrypoints.container import Container
from entrypoints.demo.fill import fill, told
from entrypoints.demo.world import StoryClock, World
from service_layer.audit import OperatorError
from service_layer.transaction_filter import TransactionFilter
from tests.concurrency.rig import sql
from tests.entrypoints.test_cli import no_settings, payments
from tests.stage import Stage
from tests.temporary import temporary_folder

__all__ = ["no_settings"]

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def filled(container: Container, **more: Any) -> World:
    """Three weeks that end at NOW."""
    container.clock.override(lambda: NOW)
    return fill(container, **({"seed": 1, "weeks": 3, "anyway": False} | more))


def seen(container: Container) -> list[Any]:
    return [
        container.queries().accounts(reference=None, before=None, limit=100),
        container.queries().transactions(TransactionFilter(), before=None, limit=1000),
        container.hold_queries().holds(
            wallet_id=None, status=None, reference=None, before=None, limit=1000
        ),
    ]


def test_everything_happens_in_the_marketplace(memory_stage: Stage) -> None:
    world = filled(memory_stage.container)
    accounts, transactions, holds = seen(memory_stage.container)
    assert 20 < len(accounts) < 60
    kinds = set(TransactionType)
    assert {each.type for each in transactions} == kinds
    assert {each.status for each in holds} == {"pending", "captured", "voided", "expired"}
    assert Counter(each.type for each in transactions) == Counter(
        {kind: world.done[kind] for kind in kinds}
    )
    refused = {"insufficient-funds", "reference-taken", "account-frozen", "quote-expired"}
    assert refused <= set(world.refused)


def test_payouts_are_made_in_batches(memory_stage: Stage) -> None:
    """Under one key of its own, besides those of its operations."""
    filled(memory_stage.container)
    kept = memory_stage.container.ledger().kept.values()
    batches = [
        each.outcome.body["operations"]
        for each in kept
        if "operations" in (each.outcome.body or {})
    ]
    assert len(batches) == 3
    assert sum(batches) > 10


def test_with_one_currency_nothing_is_converted(memory_stage: Stage) -> None:
    settings = memory_stage.container.settings().model_copy(update={"currencies": "USD"})
    world = filled(Container(settings=settings), weeks=1)
    assert world.done["replenishment"] > 20
    assert world.done["conversion"] == 0


def test_its_times_are_spread_over_the_weeks_before_now(memory_stage: Stage) -> None:
    filled(memory_stage.container)
    _, transactions, _ = seen(memory_stage.container)
    days = {each.created_at.date() for each in transactions}
    assert len(days) > 18
    assert NOW - timedelta(weeks=3) < min(each.created_at for each in transactions)
    assert max(each.created_at for each in transactions) < NOW


def test_nobody_goes_away_with_all_the_money(memory_stage: Stage) -> None:
    filled(memory_stage.container)
    accounts, _, _ = seen(memory_stage.container)
    balances = [account.wallets[0].balance for account in accounts]
    assert min(balances) >= 0
    assert max(balances) < sum(balances) / 4


def test_the_same_seed_tells_the_same_story_in_any_books(
    memory_stage: Stage, postgres_stage: Stage
) -> None:
    stories = [filled(stage.container) for stage in (memory_stage, postgres_stage)]
    assert list(told(stories[0])) == list(told(stories[1]))
    assert seen(memory_stage.container) == seen(postgres_stage.container)


def test_another_seed_tells_another_story(memory_stage: Stage) -> None:
    one = filled(memory_stage.container, weeks=1)
    other = filled(memory_stage.container, weeks=1, seed=2, anyway=True)
    assert one.done != other.done


def test_books_with_customers_are_left_alone(memory_stage: Stage) -> None:
    memory_stage.a_wallet(5)
    before = seen(memory_stage.container)
    with pytest.raises(OperatorError, match="have customers already"):
        filled(memory_stage.container)
    assert seen(memory_stage.container) == before


def test_ids_are_uuid_7_of_the_time_of_the_story() -> None:
    clock = StoryClock(NOW)
    nobody: Any = None
    world = World(
        execute=nobody, sweep=nobody, clock=clock, until=NOW, chance=Random(1), currency="USD"
    )
    ids = [world.new_id() for _ in range(100)]
    assert {(each.version, each.variant) for each in ids} == {(7, "specified in RFC 4122")}
    assert {each.int >> 80 for each in ids} == {int(NOW.timestamp() * 1000)}
    assert len(set(ids)) == 100


def test_prices_have_the_digits_of_the_currency(memory_stage: Stage) -> None:
    settings = memory_stage.container.settings().model_copy(update={"currencies": "BHD"})
    container = Container(settings=settings)
    filled(container, weeks=1)
    accounts, transactions, _ = seen(container)
    assert {account.wallets[0].currency for account in accounts} == {"BHD"}
    assert max(leg.amount for each in transactions for leg in each.postings) > 100_000


@pytest.mark.slow
def test_the_embedded_database_is_made_for_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    with temporary_folder() as folder:
        monkeypatch.setenv("PAYMENTS_DATA_DIR", str(folder / "data"))
        result = payments("demo", "--weeks", "1")
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.startswith("A marketplace of 34 accounts, until ")
        assert payments("verify").exit_code == 0
        again = payments("demo")
        assert (again.exit_code, "customers already" in again.stderr) == (1, True)


def test_what_the_demo_says_is_true(database_url: str, tmp_path: Path) -> None:
    result = payments("demo", "--weeks", "1", DATABASE_URL=database_url)
    assert result.exit_code == 0
    count = sql(database_url, "SELECT count(*) FROM transaction")[0][0]
    assert f"\n  {count} transactions: " in result.stdout
    (reference,) = [
        line.rpartition("=")[2] for line in result.stdout.splitlines() if "platform-" in line
    ]
    assert sql(database_url, "SELECT name FROM account WHERE reference = %s", reference) == [
        ("Lantern Market",)
    ]
