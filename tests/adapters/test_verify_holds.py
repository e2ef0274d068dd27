"""`payments verify` finds what is wrong with holds, whoever did it behind the service's back."""

import pytest

from adapters.postgres.hold_rules import HOLD_RULES
from domain.wallet import external_wallet_id
from tests.adapters.test_contract_audit import auditor_of
from tests.adapters.test_contract_holds import in_a_minute
from tests.adapters.test_verify import Ledger
from tests.builders import capture_hold, place_hold
from tests.stage import Stage


@pytest.fixture
def ledger(postgres_stage: Stage) -> Ledger:
    """Ada, who has 100, held 40 (`hold`), of which 15 was captured (`t1`), and 20 until noon (`fleeting`)."""
    ada, euro = postgres_stage.a_wallet(100), postgres_stage.a_wallet(currency="EUR")
    hold = place_hold(ada, 40)
    fleeting = place_hold(ada, 20, expires_at=in_a_minute(postgres_stage))
    capture = capture_hold(hold.id, 15, final=False)
    for command in (hold, fleeting, capture):
        assert postgres_stage.execute(command).refused is None
    ids = {
        "ada": ada,
        "euro": euro,
        "usd": external_wallet_id("USD"),
        "hold": hold.id,
        "fleeting": fleeting.id,
        "t1": capture.id,
        "stray": "00000000-0000-7000-8000-000000000001",
    }
    return Ledger(stage=postgres_stage, names={name: str(id) for name, id in ids.items()})


NO_CHECK = "ALTER TABLE hold DROP CONSTRAINT hold_{};"

# What is done, which rules find it (and how often), and one sentence that must be among the findings.
DAMAGES: list[tuple[str, dict[str, int], str]] = [
    (
        "UPDATE wallet SET held = 44 WHERE id = {ada}",
        {"held": 1},
        "The row of wallet {ada} says that 44 is held; its pending holds say 45.",
    ),
    (
        "UPDATE hold SET amount = 41 WHERE id = {hold}",
        {"held": 1},
        "The row of wallet {ada} says that 45 is held; its pending holds say 46.",
    ),
    (
        "UPDATE hold SET status = 'voided' WHERE id = {fleeting}",
        {"held": 1},
        "The row of wallet {ada} says that 45 is held; its pending holds say 25.",
    ),
    (
        "UPDATE hold SET captured = 16 WHERE id = {hold}",
        {"held": 1, "captured": 1},
        "The hold {hold} says that 16 was captured; its captures say 15.",
    ),
    (
        "UPDATE transaction SET hold_id = {fleeting} WHERE id = {t1}",
        {"captured": 2},
        "The hold {fleeting} says that 0 was captured; its captures say 15.",
    ),
    (
        "UPDATE transaction SET hold_id = {stray} WHERE id = {t1}",
        {"captured": 1, "orphan-capture": 1},
        "The transaction {t1} captures hold {stray}, which does not exist.",
    ),
    (
        "UPDATE hold SET currency = 'EUR' WHERE id = {hold}",
        {"orphan-hold": 1},
        "The hold {hold} names wallet {ada}, which is no customer's wallet of EUR.",
    ),
    (
        "UPDATE hold SET destination_wallet_id = {euro} WHERE id = {fleeting}",
        {"orphan-hold": 1},
        "The hold {fleeting} names wallet {euro}, which is no customer's wallet of USD.",
    ),
    (
        "UPDATE hold SET destination_wallet_id = {usd} WHERE id = {fleeting}",
        {"orphan-hold": 1},
        "The hold {fleeting} names wallet {usd}, which is no customer's wallet of USD.",
    ),
    (
        (
            NO_CHECK.format("status_fits_captured")
            + "UPDATE hold SET status = 'captured' WHERE id = {fleeting}"
        ),
        {"held": 1, "hold-status": 1},
        "The hold {fleeting} is captured with 0 of 20 captured.",
    ),
    (
        (
            NO_CHECK.format("expired_has_instant")
            + "UPDATE hold SET status = 'expired' WHERE id = {hold}"
        ),
        {"held": 1, "hold-status": 1},
        "The hold {hold} is expired with 15 of 40 captured.",
    ),
]


@pytest.mark.damages_the_books
@pytest.mark.parametrize(("damage", "rules", "sentence"), DAMAGES)
def test_damage_is_found_and_said_in_plain_words(
    ledger: Ledger, damage: str, rules: dict[str, int], sentence: str
) -> None:
    ledger.damage(damage)
    findings = ledger.verify().findings
    found = [finding.rule for finding in findings]
    assert {rule: found.count(rule) for rule in found} == rules
    assert sentence.format(**ledger.names) in [finding.sentence for finding in findings]


def test_every_rule_about_holds_has_a_damage_that_it_finds() -> None:
    assert {rule for _, rules, _ in DAMAGES for rule in rules} == set(HOLD_RULES)


def test_holds_that_are_over_but_not_noted_add_up(ledger: Ledger) -> None:
    ledger.stage.clock.move(hours=1)
    assert auditor_of(ledger.stage).verify().findings == ()
