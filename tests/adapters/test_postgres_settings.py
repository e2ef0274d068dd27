"""The connections of the money road are set up as durability asks, whatever the server's defaults."""

import pytest
import sqlalchemy as sa

from domain.errors import SystemWalletNamed, Unavailable
from domain.integrity import FINDINGS_PER_RULE_MAX
from domain.wallet import external_wallet_id
from tests.builders import open_account, replenish
from tests.concurrency.rig import as_superuser, sql
from tests.stage import Stage, a_stage, strike


def test_an_acknowledged_payment_is_on_disk_even_where_the_server_would_not_wait(
    postgres_stage: Stage,
) -> None:
    url = postgres_stage.url or ""
    sql(url, f"ALTER DATABASE {sa.make_url(url).database} SET synchronous_commit = off")
    assert sql(url, "SHOW synchronous_commit") == [("off",)]
    connection = postgres_stage.container.posting_engine().raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)
    finally:
        connection.close()


def test_a_database_without_the_schema_is_unavailable_and_not_a_fault(database_url: str) -> None:
    unmigrated = a_stage("postgres18", database_url, migrated=True)
    with pytest.raises(Unavailable):
        unmigrated.execute(open_account())
    with pytest.raises(Unavailable):
        unmigrated.container.queries().accounts(reference=None, before=None, limit=1)
    strike(unmigrated)


@pytest.mark.damages_the_books
def test_more_findings_than_are_listed_are_said_to_be_more(postgres_stage: Stage) -> None:
    url = as_superuser(postgres_stage.url or "")
    sql(
        url,
        "INSERT INTO account (id, name, status, created_at, updated_at)"
        " SELECT gen_random_uuid(), 'x', 'active', now(), now() FROM generate_series(1, 101)",
    )
    findings = postgres_stage.container.auditor().verify().findings
    assert len(findings) == FINDINGS_PER_RULE_MAX + 1
    assert "more than 100 findings" in findings[-1].sentence


def test_the_external_wallet_of_a_disabled_currency_is_still_the_systems(
    postgres_stage: Stage,
) -> None:
    only_dollars = a_stage("postgres18", postgres_stage.url, currencies="USD", migrated=True)
    outcome = only_dollars.execute(replenish(external_wallet_id("EUR")))
    strike(only_dollars)
    assert isinstance(outcome.refused, SystemWalletNamed)
