"""Opening a further wallet of an account."""

import pytest

from adapters.system import new_id
from domain.errors import (
    AccountClosed,
    AccountNotFound,
    CurrencyNotEnabled,
    Refusal,
    WalletExists,
)
from domain.wallet import Status
from service_layer.open_account import OpenAccount
from tests.builders import a_caller, change_status, open_account, open_wallet
from tests.service_layer.faulty_unit import Database, done, kinds


def an_account(database: Database, status: Status = Status.ACTIVE) -> OpenAccount:
    command = open_account()
    done(database.run(command, change_status(command.id, status)))
    return command


def test_a_wallet_is_opened_empty_with_its_limits() -> None:
    database = Database()
    opened = an_account(database)
    command = open_wallet(opened.id, "EUR", overdraft_limit=5, max_balance=9)
    (outcome,) = done(database.run(command))
    noon = "2026-01-01T12:00:00.000000Z"
    assert outcome.body == {
        "id": str(command.id),
        "account_id": str(opened.id),
        "currency": "EUR",
        "status": "active",
        "balance": 0,
        "held": 0,
        "available": 0,
        "overdraft_limit": 5,
        "max_balance": 9,
        "wallet_version": 0,
        "created_at": noon,
        "updated_at": noon,
    }
    assert database.ledger.account_wallets[opened.id] == [opened.wallet_id, command.id]
    assert database.ledger.wallets[command.id].wallet.currency == "EUR"


def test_it_has_no_limits_of_its_own_unless_they_are_given() -> None:
    database = Database()
    (outcome,) = done(database.run(open_wallet(an_account(database).id)))
    assert outcome.body is not None
    assert (outcome.body["overdraft_limit"], outcome.body["max_balance"]) == (0, None)


def test_a_frozen_account_gets_a_frozen_wallet() -> None:
    database = Database()
    command = open_wallet(an_account(database, Status.FROZEN).id)
    done(database.run(command))
    assert database.ledger.wallets[command.id].wallet.status is Status.FROZEN


def test_an_account_is_the_same_with_a_wallet_more() -> None:
    database = Database()
    opened = an_account(database)
    before = database.ledger.accounts[opened.id]
    done(database.run(open_wallet(opened.id)))
    assert database.ledger.accounts[opened.id] == before


def test_it_claims_the_account() -> None:
    account_id = new_id()
    assert open_wallet(account_id).claims.account_ids == (account_id,)


REFUSED: list[tuple[str, bool, Status, str, type[Refusal]]] = [
    ("no account, no currency", False, Status.ACTIVE, "JPY", AccountNotFound),
    ("closed, no currency", True, Status.CLOSED, "JPY", AccountClosed),
    ("closed, with such a wallet", True, Status.CLOSED, "USD", AccountClosed),
    ("a currency that is not enabled", True, Status.ACTIVE, "JPY", CurrencyNotEnabled),
    ("with such a wallet", True, Status.ACTIVE, "USD", WalletExists),
    ("frozen, with such a wallet", True, Status.FROZEN, "USD", WalletExists),
]


@pytest.mark.parametrize(
    ("exists", "status", "currency", "expected"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_what_is_checked_first_is_what_is_refused(
    exists: bool, status: Status, currency: str, expected: type[Refusal]
) -> None:
    database = Database()
    opened = an_account(database, status)
    id = opened.id if exists else new_id()
    assert kinds(database.run(open_wallet(id, currency))) == [expected]
    assert database.ledger.account_wallets[opened.id] == [opened.wallet_id]


def test_a_repeated_request_opens_one_wallet() -> None:
    database = Database()
    id = an_account(database).id
    first, again = (done(database.run(open_wallet(id, caller=a_caller("k"))))[0] for _ in range(2))
    assert (again.replayed, again.body) == (True, first.body)
    assert len(database.ledger.account_wallets[id]) == 2
