"""Freezing, unfreezing or closing an account; docs/accounts.md has the table of what each allows."""

import pytest

from adapters.system import new_id
from domain.errors import AccountClosed, AccountNotEmpty, AccountNotFound, Refusal
from domain.wallet import Status
from service_layer.open_account import OpenAccount
from tests.builders import (
    a_caller,
    change_limits,
    change_status,
    open_account,
    open_wallet,
    place_hold,
    replenish,
    withdraw,
)
from tests.service_layer.faulty_unit import NOON, Database, done, kinds

ACTIVE, FROZEN, CLOSED = Status.ACTIVE, Status.FROZEN, Status.CLOSED


def an_account(database: Database) -> OpenAccount:
    command = open_account()
    done(database.run(command))
    return command


def test_each_wallet_has_the_status_of_its_account() -> None:
    database = Database()
    opened = an_account(database)
    euros = open_wallet(opened.id)
    other = database.a_wallet()
    done(database.run(euros, change_status(opened.id, FROZEN)))
    wallets = database.ledger.wallets
    assert [wallets[id].wallet.status for id in (opened.wallet_id, euros.id, other)] == [
        FROZEN, FROZEN, ACTIVE,
    ]  # fmt: skip


def test_a_change_is_one_version_on_and_what_changes_nothing_is_not() -> None:
    database = Database()
    id = an_account(database).id
    steps = [ACTIVE, FROZEN, FROZEN, ACTIVE, CLOSED, CLOSED]
    outcomes = done(database.run(*(change_status(id, status) for status in steps)))
    shown = [each.body for each in outcomes]
    assert [body and (body["status"], body["version"]) for body in shown] == [
        ("active", 1), ("frozen", 2), ("frozen", 2), ("active", 3), ("closed", 4), ("closed", 4),
    ]  # fmt: skip
    assert database.ledger.accounts[id].updated_at == NOON


def test_it_claims_the_account() -> None:
    account_id = new_id()
    assert change_status(account_id, FROZEN).claims.account_ids == (account_id,)


@pytest.mark.parametrize("status", [ACTIVE, FROZEN])
def test_what_is_closed_is_never_opened_again(status: Status) -> None:
    database = Database()
    id = an_account(database).id
    assert kinds(database.run(change_status(id, CLOSED), change_status(id, status))) == [
        None, AccountClosed,
    ]  # fmt: skip
    assert database.ledger.accounts[id].status is CLOSED


def test_a_frozen_account_can_be_closed() -> None:
    database = Database()
    id = an_account(database).id
    assert kinds(database.run(change_status(id, FROZEN), change_status(id, CLOSED))) == [None, None]


def test_an_account_with_anything_in_any_wallet_cannot_be_closed() -> None:
    database = Database()
    opened = an_account(database)
    dollars, euros = opened.wallet_id, open_wallet(opened.id)
    close = [change_status(opened.id, CLOSED) for _ in range(4)]
    results = database.run(
        euros,
        replenish(euros.id, 5, currency="EUR"),
        close[0],
        withdraw(euros.id, 5, currency="EUR"),
        change_limits(dollars, overdraft_limit=5),
        withdraw(dollars, 5),
        close[1],
        replenish(dollars, 5),
        place_hold(dollars, 5),
        close[2],
    )
    expected: list[type[Refusal] | None] = [None] * 10
    expected[2] = expected[6] = expected[9] = AccountNotEmpty
    assert kinds(results) == expected
    assert database.ledger.accounts[opened.id].version == 1


@pytest.mark.parametrize("status", Status)
def test_an_unknown_account_is_not_found(status: Status) -> None:
    assert kinds(Database().run(change_status(new_id(), status))) == [AccountNotFound]


def test_a_repeated_request_is_answered_as_it_was() -> None:
    database = Database()
    id = an_account(database).id

    def freeze_again() -> tuple[bool, object]:
        (outcome,) = done(database.run(change_status(id, FROZEN, caller=a_caller("k"))))
        return outcome.replayed, outcome.body

    first = freeze_again()
    done(database.run(change_status(id, ACTIVE)))
    assert (first[0], freeze_again()) == (False, (True, first[1]))
    assert database.ledger.accounts[id].status is ACTIVE
