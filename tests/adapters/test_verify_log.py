"""`payments verify` finds what was changed in the sealed log behind the service's back, and names it."""

import pytest

from domain.integrity import Report
from tests.adapters.test_contract_audit import auditor_of
from tests.adapters.test_contract_log import pay, seal_all
from tests.concurrency.rig import a_stranger, as_superuser
from tests.stage import Stage


def damage(stage: Stage, statements: str) -> None:
    """As a superuser, with the triggers and foreign keys switched off."""
    with a_stranger(as_superuser(stage.url or "")) as session:
        session.cursor().execute("SET session_replication_role = replica;" + statements)
        session.commit()


def rules(report: Report) -> dict[str, int]:
    found = [finding.rule for finding in report.findings]
    return {rule: found.count(rule) for rule in found}


CHANGE = "UPDATE {} WHERE block = 2"
EDIT = (
    "UPDATE transaction SET {} WHERE id = (SELECT transaction_id FROM transaction_number WHERE"
    " number = 300)"
)
DAMAGES: list[tuple[str, dict[str, int], str]] = [
    (EDIT.format("description = 'x'"), {"sealed-transaction": 1}, "is not what it was"),
    (EDIT.format("actor = 'eve'"), {"sealed-transaction": 1}, "number 300,"),
    (EDIT.format('metadata = \'{{"a": "b"}}\''), {"sealed-transaction": 1}, "number 300,"),
    (
        (
            "UPDATE transaction_number SET number = number + 1000 WHERE number IN (298, 299);"
            "UPDATE transaction_number SET number = 298 WHERE number = 1299;"
            "UPDATE transaction_number SET number = 299 WHERE number = 1298"
        ),
        {"sealed-transaction": 2},
        "number 298,",
    ),
    (
        "DELETE FROM transaction_number WHERE number = 300",
        {"sealed-transaction": 1, "unnumbered": 1, "number-gap": 1, "event-not-in-log": 1},
        "There is no transaction of number 300, which block 2 sealed.",
    ),
    (
        CHANGE.format("seal SET leaves = overlay(leaves PLACING '\\x00' FROM 1)"),
        {"sealed-transaction": 1, "seal-root": 2, "seal-subtree": 1},
        "The leaf hashes up to block 2 do not have the root that its seal says.",
    ),
    (
        CHANGE.format("seal SET root = sha256('x')"),
        {"seal-chain": 2, "seal-root": 1},
        "The block 2 has another hash than its contents.",
    ),
    (
        CHANGE.format("seal SET hash = sha256('x')"),
        {"seal-chain": 1},
        "The block 2 has another hash than its contents.",
    ),
    (
        CHANGE.format("seal SET sealed_at = sealed_at - interval '1 day'"),
        {"seal-chain": 3},
        "The block 2 was sealed before the block that it follows.",
    ),
    (
        "DELETE FROM seal WHERE block = 1",
        {"seal-chain": 3, "seal-root": 2, "seal-subtree": 1},
        "The block 2 stands where block 1 should.",
    ),
    (
        "UPDATE seal_subtree SET hash = sha256('x')",
        {"seal-subtree": 1},
        "The subtree 1 to 256 is not kept as its leaf hashes make it.",
    ),
    (
        "INSERT INTO seal_subtree VALUES (8, 5, sha256('x'))",
        {"seal-subtree": 1},
        "2 subtrees are kept for proofs; the leaves have completed 1.",
    ),
]


@pytest.mark.damages_the_books
@pytest.mark.parametrize(("statements", "expected", "sentence"), DAMAGES)
def test_damage_in_the_log_is_found_and_said_in_plain_words(
    postgres_stage: Stage, statements: str, expected: dict[str, int], sentence: str
) -> None:
    pay(postgres_stage, 310)
    seal_all(postgres_stage, at_once=150)
    damage(postgres_stage, statements.replace("{{", "{").replace("}}", "}"))
    report = auditor_of(postgres_stage).verify()
    assert rules(report) == expected
    assert any(sentence in finding.sentence for finding in report.findings)


@pytest.mark.damages_the_books
def test_a_quick_verification_does_not_hash_transactions_again(postgres_stage: Stage) -> None:
    pay(postgres_stage, 310)
    seal_all(postgres_stage)
    damage(postgres_stage, EDIT.format("description = 'x'"))
    assert rules(auditor_of(postgres_stage).verify(quick=True)) == {}
    assert rules(auditor_of(postgres_stage).verify()) == {"sealed-transaction": 1}


@pytest.mark.damages_the_books
def test_of_many_findings_of_a_kind_the_first_hundred_are_said(postgres_stage: Stage) -> None:
    pay(postgres_stage, 150)
    seal_all(postgres_stage)
    damage(postgres_stage, "UPDATE transaction SET actor = 'eve'")
    report = auditor_of(postgres_stage).verify()
    assert rules(report) == {"sealed-transaction": 101}
    assert report.findings[-1].sentence.startswith("There are more than 100")
