"""`payments verify` finds what is wrong with reversals, whoever did it behind the service's back."""

import pytest

from adapters.postgres.reversal_rules import REVERSAL_RULES
from domain.reversal_check import check_reversals
from service_layer.audit import OperatorError
from service_layer.transaction_filter import TransactionFilter
from tests.adapters.test_contract_audit import auditor_of, repairer_of
from tests.adapters.test_verify import WRONG_ROWS, Ledger
from tests.builders import reverse, transfer
from tests.stage import Stage


@pytest.fixture
def ledger(postgres_stage: Stage) -> Ledger:
    """Ada paid 30 to Bob (`paid`), 10 (`r1`) and 5 (`r2`) of it came back, a minute between them."""
    ada, bob = postgres_stage.a_wallet(100), postgres_stage.a_wallet()
    paid = transfer(ada, bob, 30)
    first, second = reverse(paid.id, 10), reverse(paid.id, 5)
    for command in (paid, first, second):
        postgres_stage.clock.move(minutes=1)
        assert postgres_stage.execute(command).refused is None
    ids = {
        "ada": ada,
        "bob": bob,
        "paid": paid.id,
        "r1": first.id,
        "r2": second.id,
        "stray": "00000000-0000-7000-8000-000000000001",
    }
    return Ledger(stage=postgres_stage, names={name: str(id) for name, id in ids.items()})


NO_CHECK = "ALTER TABLE transaction DROP CONSTRAINT transaction_reversal_names_its_original;"


def amounts(amount: int) -> str:
    """The second reversal gives that much to Ada."""
    return (
        f"UPDATE posting SET amount = {amount} WHERE transaction_id = {{r2}} AND leg = 0;"
        f"UPDATE posting SET amount = {-amount} WHERE transaction_id = {{r2}} AND leg = 1"
    )


# What is done, which rules about reversals find it (and how often), and one sentence of theirs.
DAMAGES: list[tuple[str, dict[str, int], str]] = [
    (
        "UPDATE transaction SET reverses = {stray} WHERE id = {r2}",
        {"orphan-reversal": 1, "over-reversed": 2},
        "The transaction {r2} reverses transaction {stray}, which does not exist.",
    ),
    (
        "UPDATE transaction SET reverses = {r1} WHERE id = {r2}",
        {"orphan-reversal": 1, "over-reversed": 2},
        "The transaction {r2} reverses transaction {r1}, which is a reversal itself.",
    ),
    (
        "UPDATE transaction SET reverses = {r2} WHERE id = {r2}",
        {"orphan-reversal": 1, "over-reversed": 2},
        "The transaction {r2} reverses transaction {r2}, which is a reversal itself.",
    ),
    (
        NO_CHECK + "UPDATE transaction SET reverses = NULL WHERE id = {r2}",
        {"orphan-reversal": 1},
        "The transaction {r2} is a reversal and reverses nothing.",
    ),
    (
        NO_CHECK + "UPDATE transaction SET type = 'transfer' WHERE id = {r2}",
        {"orphan-reversal": 1},
        "The transaction {r2} is a transfer and reverses {paid}.",
    ),
    (
        (
            "UPDATE transaction SET created_at = '2020-01-01' WHERE id = {r2};"
            "UPDATE posting SET created_at = '2020-01-01' WHERE transaction_id = {r2}"
        ),
        {"early-reversal": 1},
        (
            "The transaction {r2} is of 2020-01-01 00:00:00+00;"
            " transaction {paid}, which it reverses, is of 2026-01-01 00:01:00+00."
        ),
    ),
    (
        amounts(21),
        {"over-reversed": 2},
        "The transaction {paid} posted -30 to wallet {ada}; its reversals have posted 31 there.",
    ),
    (
        amounts(-11),
        {"over-reversed": 2},
        "The transaction {paid} posted 30 to wallet {bob}; its reversals have posted 1 there.",
    ),
]


@pytest.mark.damages_the_books
@pytest.mark.parametrize(("damage", "rules", "sentence"), DAMAGES)
def test_damage_is_found_and_said_in_plain_words(
    ledger: Ledger, damage: str, rules: dict[str, int], sentence: str
) -> None:
    ledger.damage(damage)
    findings = ledger.verify().findings
    found = [finding.rule for finding in findings if finding.rule in REVERSAL_RULES]
    assert {rule: found.count(rule) for rule in found} == rules
    assert sentence.format(**ledger.names) in [finding.sentence for finding in findings]


def test_every_rule_about_reversals_has_a_damage_that_it_finds() -> None:
    assert {rule for _, rules, _ in DAMAGES for rule in rules} == set(REVERSAL_RULES)


@pytest.mark.damages_the_books
def test_both_audits_find_the_same(ledger: Ledger) -> None:
    ledger.damage(amounts(21) + ";UPDATE transaction SET reverses = {r1} WHERE id = {r2}")
    queries = ledger.stage.container.queries()
    stored = queries.transactions(TransactionFilter(), before=None, limit=99)
    in_memory = {(each.rule, each.where, each.sentence) for each in check_reversals(stored)}
    in_sql = {
        (each.rule, each.where, each.sentence)
        for each in ledger.verify().findings
        if each.rule in REVERSAL_RULES
    }
    assert in_memory == in_sql
    assert len(in_sql) == 3


@pytest.mark.damages_the_books
def test_wallet_rows_are_rebuilt_from_reversals_as_from_all_postings(ledger: Ledger) -> None:
    ledger.damage(WRONG_ROWS)
    assert repairer_of(ledger.stage).rebuild_balances() == 2
    assert ledger.verify().findings == ()
    ledger.damage(amounts(21))
    with pytest.raises(OperatorError, match="nothing was changed"):
        repairer_of(ledger.stage).rebuild_balances()


@pytest.mark.damages_the_books
def test_the_audit_in_memory_looks_at_reversals_too(memory_stage: Stage) -> None:
    ada, bob = memory_stage.a_wallet(100), memory_stage.a_wallet()
    paid = transfer(ada, bob, 30)
    reversal = reverse(paid.id)
    for command in (paid, reversal):
        memory_stage.execute(command)
    assert auditor_of(memory_stage).verify().findings == ()
    del memory_stage.container.ledger().transactions[paid.id]
    rules = {each.rule for each in auditor_of(memory_stage).verify().findings}
    assert {"orphan-reversal", "over-reversed"} <= rules
