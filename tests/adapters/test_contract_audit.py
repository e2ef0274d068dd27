"""The contract of the auditor: clean books are called clean, damage is found, only wallet rows are mended."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from adapters.system import new_id
from domain.integrity import Report
from service_layer.audit import Auditor, OperatorError
from tests.builders import a_caller, open_account, place_hold, replenish, transfer
from tests.concurrency.rig import as_superuser, sql
from tests.stage import Stage


def auditor_of(stage: Stage) -> Auditor:
    auditor: Auditor = stage.container.auditor()
    return auditor


def repairer_of(stage: Stage) -> Auditor:
    """As the owner of the tables, who alone may keep others out of them."""
    repairer: Auditor = stage.container.repairer()
    return repairer


def rules(stage: Stage) -> list[str]:
    return [finding.rule for finding in auditor_of(stage).verify().findings]


def damage_row(stage: Stage, wallet_id: UUID, *, balance: int, version: int) -> None:
    """Make a wallet's row say something else, behind the service's back."""
    if stage.url is not None:
        sql(
            stage.url,
            "UPDATE wallet SET balance = %s, wallet_version = %s WHERE id = %s",
            *(balance, version, str(wallet_id)),
        )
        return
    ledger = stage.container.ledger()
    row = ledger.wallets[wallet_id]
    wrong = replace(row.wallet, balance=balance, version=version)
    ledger.wallets[wallet_id] = replace(row, wallet=wrong)


def damage_postings(stage: Stage, transaction_id: UUID) -> None:
    """Add 1 to each amount of a transaction, behind the service's back."""
    if stage.url is not None:
        sql(
            stage.url,
            "ALTER TABLE posting DISABLE TRIGGER USER;"
            "UPDATE posting SET amount = amount + 1 WHERE transaction_id = %s;"
            "ALTER TABLE posting ENABLE TRIGGER USER",
            str(transaction_id),
        )
        return
    ledger = stage.container.ledger()
    old = ledger.transactions[transaction_id]
    wrong = tuple(replace(posting, amount=posting.amount + 1) for posting in old.postings)
    new = replace(old, postings=wrong)
    ledger.transactions[transaction_id] = new
    for history in ledger.history.values():
        history[:] = [new if each.id == transaction_id else each for each in history]


def lose_key(stage: Stage, key: str) -> None:
    """Delete an idempotency key, behind the service's back."""
    if stage.url is not None:
        sql(
            stage.url,
            "ALTER TABLE idempotency_key DISABLE TRIGGER USER;"
            "DELETE FROM idempotency_key WHERE key = %s;"
            "ALTER TABLE idempotency_key ENABLE TRIGGER USER",
            key,
        )
        return
    ledger = stage.container.ledger()
    del ledger.kept["default", key]


def change_row(stage: Stage, wallet_id: UUID, **wrong: int | str) -> None:
    """Change columns of a wallet's row, behind the service's back."""
    if stage.url is not None:
        columns = ", ".join(f"{column} = %s" for column in wrong)
        change = f"UPDATE wallet SET {columns} WHERE id = %s"
        sql(stage.url, change, *wrong.values(), str(wallet_id))
        return
    ledger = stage.container.ledger()
    row = ledger.wallets[wallet_id]
    ledger.wallets[wallet_id] = replace(row, wallet=replace(row.wallet, **wrong))  # type: ignore[arg-type]


def test_the_books_of_a_new_ledger_add_up(stage: Stage) -> None:
    assert auditor_of(stage).verify() == Report(transactions=0, postings=0, wallets=0, findings=())


def test_the_report_counts_what_was_looked_at(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    stage.a_wallet(5, currency="JPY")
    stage.run(transfer(ada, bob, 30), transfer(ada, bob, 1000), transfer(ada, new_id()))
    report = auditor_of(stage).verify()
    assert report == Report(transactions=3, postings=6, wallets=3, findings=())
    assert report.summary == (
        "3 transactions, 6 postings and 3 wallets were checked: everything adds up."
    )


def test_books_whose_clock_went_back_add_up(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet(100)
    for minutes in (-5, 3, -9):
        stage.clock.move(minutes=minutes)
        stage.run(transfer(ada, bob, 30), transfer(bob, ada, 30), replenish(bob, 1))
    assert rules(stage) == []


def test_rebuilding_what_is_right_changes_nothing(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    stage.a_wallet()
    before = stage.container.queries().wallet(ada)
    assert repairer_of(stage).rebuild_balances() == 0
    assert stage.container.queries().wallet(ada) == before


@pytest.mark.parametrize(("balance", "version"), [(101, 1), (100, 2), (0, 0)])
def test_a_wallets_row_is_rebuilt_from_its_postings(
    stage: Stage, balance: int, version: int
) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet(50)
    before = stage.container.queries().wallet(ada)
    damage_row(stage, ada, balance=balance, version=version)
    assert rules(stage) == ["wallet-row"]
    assert repairer_of(stage).rebuild_balances() == 1
    after = stage.container.queries().wallet(ada)
    assert (after.balance, after.wallet_version) == (100, 1)
    assert after.created_at == before.created_at
    stage.run(transfer(ada, bob, 100))
    assert stage.balance(bob) == 150


def test_the_row_of_a_wallet_without_postings_is_rebuilt_to_nothing(stage: Stage) -> None:
    command = open_account()
    stage.execute(command)
    damage_row(stage, command.wallet_id, balance=7, version=0)
    assert repairer_of(stage).rebuild_balances() == 1
    assert stage.balance(command.wallet_id) == 0
    assert repairer_of(stage).rebuild_balances() == 0


@pytest.mark.damages_the_books
def test_damaged_postings_are_found_and_nothing_is_rebuilt_from_them(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    command = replenish(ada, 7)
    stage.clock.move(seconds=1)
    stage.execute(command)
    damage_postings(stage, command.id)
    damage_row(stage, ada, balance=1, version=1)
    assert set(rules(stage)) == {"unbalanced", "balance-chain", "wallet-row"}
    with pytest.raises(OperatorError, match="nothing was changed"):
        repairer_of(stage).rebuild_balances()
    assert stage.balance(ada) == 1


def test_a_wallet_row_is_never_ahead_of_its_last_posting_in_time(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    stage.clock.move(seconds=1)
    stage.execute(replenish(ada, 1))
    view = stage.container.queries().wallet(ada)
    assert view.updated_at - view.created_at == timedelta(seconds=1)


@pytest.mark.damages_the_books
def test_a_transaction_whose_key_is_lost_is_found(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    caller = a_caller()
    command = replenish(ada, 7, caller=caller)
    stage.execute(command)
    lose_key(stage, caller.key.key)
    (finding,) = auditor_of(stage).verify().findings
    assert (finding.rule, finding.where) == ("no-key", f"transaction {command.id}")


@pytest.mark.damages_the_books
def test_what_a_wallets_row_says_is_held_is_mended_from_its_holds(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    stage.execute(place_hold(ada, 30))
    change_row(stage, ada, held=50)
    assert rules(stage) == ["held"]
    assert repairer_of(stage).rebuild_balances() == 1
    assert rules(stage) == []


ALLOW = "ALTER TABLE wallet DROP CONSTRAINT wallet_keeps_to_its_max_balance"


@pytest.mark.damages_the_books
@pytest.mark.parametrize(
    ("wrong", "rule"),
    [({"max_balance": 99}, "overfull"), ({"status": "frozen"}, "status")],
)
def test_what_a_wallets_row_may_not_say_is_found(
    stage: Stage, wrong: dict[str, int | str], rule: str
) -> None:
    ada = stage.a_wallet(100)
    if stage.url is not None:  # which refuses the one of them by itself
        sql(as_superuser(stage.url), ALLOW)
    change_row(stage, ada, **wrong)
    assert rules(stage) == [rule]
    damage_row(stage, ada, balance=98, version=1)
    assert repairer_of(stage).rebuild_balances() == 1
    assert stage.balance(ada) == 100
    assert rules(stage) == [rule]
