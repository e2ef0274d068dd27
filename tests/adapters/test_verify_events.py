"""`payments verify` finds what is wrong with the numbers of events, whoever did it."""

import pytest

from adapters.postgres.event_rules import EVENT_RULES
from tests.adapters.test_contract_events import numbered
from tests.concurrency.rig import as_superuser, sql
from tests.stage import Stage

# What is done, which rules find it, and one sentence that must be among the findings.
DAMAGES: list[tuple[str, set[str], str]] = [
    ("DELETE FROM event_number WHERE number = 2", {"event-gap"}, "Event 3 follows event 1."),
    (
        "UPDATE event_number SET number = 9 WHERE number = 4",
        {"event-gap"},
        "Event 9 follows event 3.",
    ),
    (
        "DELETE FROM audit_entry WHERE id = (SELECT audit_entry_id FROM event_number WHERE number = 3)",
        {"orphan-event"},
        "Event 3 is of audit entry 2, which does not exist.",
    ),
    (
        "DELETE FROM transaction_number WHERE number = 2",
        {"event-not-in-log", "unnumbered"},
        "Event 4 is of transaction",
    ),
]


@pytest.fixture
def filled(postgres_stage: Stage) -> Stage:
    """Two accounts with a replenishment each: events 1 and 3 are entries, 2 and 4 transactions."""
    for _ in range(2):
        postgres_stage.a_wallet(5)
        postgres_stage.clock.move(seconds=1)
    assert len(numbered(postgres_stage)) == 4
    return postgres_stage


@pytest.mark.damages_the_books
@pytest.mark.parametrize(("damage", "rules", "sentence"), DAMAGES)
def test_a_damage_is_found_by_its_rule(
    filled: Stage, damage: str, rules: set[str], sentence: str
) -> None:
    url = as_superuser(filled.url or "")
    sql(url, f"SET session_replication_role = replica; {damage}")
    findings = filled.container.auditor().verify().findings
    assert {each.rule for each in findings} == rules
    assert any(each.sentence.startswith(sentence) for each in findings)


def test_every_rule_finds_a_damage() -> None:
    assert set.union(*(rules for _, rules, _ in DAMAGES)) >= set(EVENT_RULES)


def test_numbered_events_are_whole(filled: Stage) -> None:
    assert filled.findings() == ()
