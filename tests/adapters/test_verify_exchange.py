"""`payments verify` finds what somebody did to quotes or conversions behind the service's back."""

import pytest

from adapters.postgres.quote_rules import QUOTE_RULES
from domain.wallet import exchange_wallet_id, external_wallet_id
from tests.adapters.test_contract_exchange import a_quote, made
from tests.adapters.test_verify import Ledger
from tests.builders import convert, transfer
from tests.stage import Stage


@pytest.fixture
def ledger(postgres_stage: Stage) -> Ledger:
    """Ada has converted 10.50 USD (`t1`), then 500 JPY (`t2`); a third quote is open; a transfer is `t3`."""
    stage = postgres_stage
    ada, euros, yen = (
        stage.a_wallet(5000),
        stage.a_wallet(currency="EUR"),
        stage.a_wallet(500, currency="JPY"),
    )
    first, third = a_quote(stage), a_quote(stage)
    second = a_quote(stage, 500, source="JPY", rate="0.0061")
    conversions = [convert(first, ada, euros), convert(second, yen, euros)]
    for command in conversions:
        made(stage.execute(command))
    payment = transfer(ada, stage.a_wallet(), 1)
    made(stage.execute(payment))
    ids = {
        "ada": ada,
        "first": first,
        "second": second,
        "third": third,
        "t1": conversions[0].id,
        "t2": conversions[1].id,
        "t3": payment.id,
        "usd": external_wallet_id("USD"),
        "eur": external_wallet_id("EUR"),
        "house": exchange_wallet_id("USD"),
        "stray": "00000000-0000-7000-8000-000000000001",
    }
    return Ledger(stage=stage, names={name: str(id) for name, id in ids.items()})


DROP = "ALTER TABLE {} DROP CONSTRAINT {};"
NO_ROUNDING = DROP.format("quote", "quote_rounds_down")
NO_NAME = DROP.format("transaction", "transaction_conversion_names_its_quote")
ONCE_MORE = "DROP INDEX transaction_quote_id_key;"
QUOTE = "The quote {first} does not promise what its rate comes to."
POSTINGS = "The postings of transaction {t1} are not what quote {first} promised."

# What is done, which rules find it (and how often), and one sentence that must be among the findings.
DAMAGES: list[tuple[str, dict[str, int], str]] = [
    ("UPDATE quote SET rate = 0.92 WHERE id = {first}", {"quote": 1}, QUOTE),
    ("UPDATE quote SET exact = 963.7 WHERE id = {first}", {"quote": 1}, QUOTE),
    (
        NO_ROUNDING + "UPDATE quote SET destination_amount = 964 WHERE id = {first}",
        {"quote": 1, "conversion": 1},
        POSTINGS,
    ),
    (
        "UPDATE currency SET exponent = 3 WHERE code = 'JPY'",
        {"quote": 1},
        "The quote {second} does not promise what its rate comes to.",
    ),
    (
        "UPDATE quote SET source_amount = 2100, rate = 0.4589 WHERE id = {first}",
        {"conversion": 1},
        POSTINGS,
    ),
    (
        "UPDATE quote SET source_currency = 'JPY', rate = 0.009178 WHERE id = {first}",
        {"conversion": 1},
        POSTINGS,
    ),
    (
        "UPDATE posting SET wallet_id = {usd} WHERE transaction_id = {t1} AND leg = 1",
        {"conversion": 1},
        POSTINGS,
    ),
    (
        "UPDATE posting SET wallet_id = {eur} WHERE transaction_id = {t1} AND leg = 2",
        {"conversion": 1},
        POSTINGS,
    ),
    (
        (
            "UPDATE posting SET leg = 7 WHERE transaction_id = {t1} AND leg = 1;"
            "UPDATE posting SET leg = 1 WHERE transaction_id = {t1} AND leg = 2;"
            "UPDATE posting SET leg = 2 WHERE transaction_id = {t1} AND leg = 7"
        ),
        {"conversion": 1},
        POSTINGS,
    ),
    (
        (
            "INSERT INTO posting SELECT transaction_id, {house}, amount, NULL, NULL, created_at,"
            " leg + 4, currency FROM posting WHERE transaction_id = {t1} AND leg IN (0, 1)"
        ),
        {"conversion": 1},
        POSTINGS,
    ),
    (
        "UPDATE transaction SET quote_id = {stray} WHERE id = {t1}",
        {"conversion": 1},
        "The transaction {t1} uses quote {stray}, which does not exist.",
    ),
    (
        ONCE_MORE + "UPDATE transaction SET quote_id = {first} WHERE id = {t2}",
        {"conversion": 2},
        "The transaction {t2} uses quote {first}, which was used before.",
    ),
    (
        NO_NAME + "UPDATE transaction SET quote_id = NULL WHERE id = {t1}",
        {"conversion": 1},
        "The transaction {t1} is a conversion without a quote.",
    ),
    (
        NO_NAME + "UPDATE transaction SET quote_id = {third} WHERE id = {t3}",
        {"conversion": 2},
        "The transaction {t3} is a transfer and names a quote.",
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


def test_every_rule_about_exchange_has_a_damage_that_it_finds() -> None:
    assert {rule for _, rules, _ in DAMAGES for rule in rules} == set(QUOTE_RULES)


def test_what_is_right_has_no_findings(ledger: Ledger) -> None:
    assert ledger.verify().findings == ()
