"""Journals or splits, stored and read again on each adapter, with the audit of their allocations."""

from dataclasses import replace
from random import Random
from typing import Any

import orjson
import pytest

from domain.idempotency import Outcome
from domain.integrity import check
from domain.split import Part
from domain.transaction import Transaction
from service_layer.run_batch import Result
from service_layer.transaction_filter import TransactionFilter
from tests.adapters.test_contract_audit import auditor_of
from tests.builders import journal, split
from tests.concurrency.rig import sql
from tests.stage import Stage


def made(result: Result) -> Transaction:
    assert isinstance(result, Outcome)
    assert result.transaction is not None, result.refused
    return result.transaction


def a_split(stage: Stage) -> Transaction:
    """Of 1001 USD cents: 10 and 3.3 % and the rest, and a share that comes to nothing."""
    shop, fee, seller = stage.a_wallet(5000), stage.a_wallet(), stage.a_wallet()
    shares = [(fee, 10), (seller, "0.001"), (seller, "3.3"), (fee, None)]
    return made(stage.execute(split(shop, 1001, *shares)))


def test_a_split_is_read_as_it_was_made(stage: Stage) -> None:
    transaction = a_split(stage)
    queries = stage.container.queries()
    assert queries.transaction(transaction.id) == transaction
    found = queries.transactions(TransactionFilter(type="split"), before=None, limit=9)
    assert found == [transaction]


def test_a_journal_with_a_wallet_in_many_legs_is_read_as_it_was_made(stage: Stage) -> None:
    ada, bob, eve = stage.a_wallet(100), stage.a_wallet(), stage.a_wallet()
    legs = [(bob, -70), (ada, -100), (bob, 150), (eve, 50), (bob, -10), (eve, -20)]
    transaction = made(stage.execute(journal(*legs)))
    assert stage.container.queries().transaction(transaction.id) == transaction
    assert [stage.balance(id) for id in (ada, bob, eve)] == [0, 70, 30]


def test_the_whole_of_a_repeated_split_is_answered_again(stage: Stage) -> None:
    shop, seller = stage.a_wallet(100), stage.a_wallet()
    command = split(shop, 100, (seller, "12.50"), (seller, None))
    first, again = stage.execute(command), stage.execute(command)
    assert (first.replayed, again.replayed) == (False, True)
    assert again.transaction_id == first.transaction_id
    assert stage.balance(seller) == 100


def test_a_batch_has_splits_beside_what_has_no_allocation(stage: Stage) -> None:
    ada, bob = stage.a_wallet(1000), stage.a_wallet()
    results = stage.run(
        journal((ada, -5), (bob, 5)),
        split(ada, 7, (bob, "50"), (bob, None)),
        journal((bob, -1), (ada, 1)),
        split(ada, 1, (bob, 1)),
    )
    for transaction in map(made, results):
        assert stage.container.queries().transaction(transaction.id) == transaction


def test_the_audit_reckons_every_allocation_as_the_rules_did(stage: Stage) -> None:
    """The stage is audited when the test is over; here are many splits for it to reckon again."""
    random = Random(7)
    shop, sellers = stage.a_wallet(10**15), [stage.a_wallet() for _ in range(3)]
    commands = []
    for _ in range(150):
        amount = random.choice([1, 2, 7, 100, 9_999, 10**9 + 7])
        shares: list[Any] = [(random.choice(sellers), None)]
        percent = 100 * 10**10
        for _ in range(random.randrange(6)):
            part = random.randrange(1, 30 * 10**10)
            part -= part % random.choice([1, 10**5, 10**9, 10**10]) if part > 10**10 else 0
            if part < percent:
                percent -= part
                text = f"{part // 10**10}.{part % 10**10:010d}"
                shares.append((random.choice(sellers), text))
        random.shuffle(shares)
        commands.append(split(shop, amount, *shares))
    parts = [made(result).allocation for result in stage.run(*commands)]
    assert sum(part.rounding != "0" for each in parts for part in each) > 100
    assert auditor_of(stage).verify().findings == ()


def change(part: Part, **wrong: Any) -> Part:
    return replace(part, **wrong)


WRONG: dict[str, Any] = {
    "another amount": lambda it: (change(it[0], amount=11), *it[1:]),
    "two amounts that still make the whole": lambda it: (
        change(it[0], amount=11),
        *it[1:3],
        change(it[3], amount=it[3].amount - 1),
    ),
    "another rounding": lambda it: (*it[:2], change(it[2], rounding="0.967"), it[3]),
    "another exact part": lambda it: (*it[:2], change(it[2], exact="33.034"), it[3]),
    "another percentage": lambda it: (
        *it[:2],
        change(it[2], share=replace(it[2].share, percent="3.4")),
        it[3],
    ),
    "another wallet": lambda it: (change(it[0], share=it[2].share, exact="10"), *it[1:]),
    "one part less": lambda it: it[:3],
    "another order": lambda it: (it[2], it[1], it[0], it[3]),
    "two remainders": lambda it: (change(it[0], share=replace(it[0].share, fixed=None)), *it[1:]),
}


@pytest.mark.damages_the_books
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_an_allocation_that_was_changed_is_found(stage: Stage, wrong: Any) -> None:
    good = a_split(stage)
    a_split(stage)
    store(stage, replace(good, allocation=wrong(good.allocation)))
    findings = auditor_of(stage).verify().findings
    assert {each.rule for each in findings} == {"allocation"}
    assert {each.where for each in findings} == {f"transaction {good.id}"}
    assert check([replace(good, allocation=wrong(good.allocation))], []).findings


def store(stage: Stage, transaction: Transaction) -> None:
    """In the place of what there is, behind the service's back."""
    if stage.url is None:
        stage.container.ledger().transactions[transaction.id] = transaction
        return
    sql(
        stage.url,
        "ALTER TABLE transaction DISABLE TRIGGER USER;"
        "UPDATE transaction SET allocation = %s WHERE id = %s;"
        "ALTER TABLE transaction ENABLE TRIGGER USER",
        orjson.dumps([part.to_json() for part in transaction.allocation]).decode(),
        str(transaction.id),
    )
