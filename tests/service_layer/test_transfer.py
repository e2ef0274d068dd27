"""Transferring money from one wallet to another."""

from uuid import UUID

import pytest

from adapters.system import new_id
from domain.errors import (
    AccountClosed,
    AccountFrozen,
    BalanceLimitExceeded,
    CurrencyMismatch,
    InsufficientFunds,
    ReferenceTaken,
    SameWallet,
    SystemWalletNamed,
    WalletNotFound,
)
from domain.money import AMOUNT_MINOR_MAX
from domain.transaction import TransactionType
from domain.wallet import Status, external_wallet_id
from tests.builders import a_caller, change_status, transfer
from tests.service_layer.faulty_unit import Database, done, kinds


def a_wallet_with_status(database: Database, status: Status | str) -> UUID:
    """With 100 in it, unless it is closed."""
    wallet_id = database.a_wallet(0 if status == Status.CLOSED else 100)
    account_id = database.ledger.wallets[wallet_id].wallet.account_id
    done(database.run(change_status(account_id, status)))
    return wallet_id


def test_a_transfer_takes_from_the_source_what_it_gives_to_the_destination() -> None:
    database = Database()
    ada, bob = database.a_wallet(1000), database.a_wallet(50)
    (outcome,) = done(database.run(transfer(ada, bob, 300, reference="rent")))
    made = outcome.transaction
    assert made is not None
    assert (made.type, made.reference) == (TransactionType.TRANSFER, "rent")
    assert [(each.wallet_id, each.amount, each.balance_after) for each in made.postings] == [
        (ada, -300, 700),
        (bob, 300, 350),
    ]
    assert (database.balance(ada), database.balance(bob)) == (700, 350)


def test_it_says_who_asked_with_which_request() -> None:
    database = Database()
    command = transfer(database.a_wallet(5), database.a_wallet(), 5)
    (outcome,) = done(database.run(command))
    assert outcome.transaction is not None
    assert outcome.transaction.id == command.id
    assert outcome.transaction.actor == command.caller.actor
    assert outcome.transaction.request_id == command.caller.request_id


def test_it_locks_both_wallets() -> None:
    source, destination = new_id(), new_id()
    assert set(transfer(source, destination).wallet_ids) == {source, destination}


def test_money_may_go_on_in_the_same_batch() -> None:
    database = Database()
    ada, bob, eve = database.a_wallet(100), database.a_wallet(), database.a_wallet()
    done(database.run(transfer(ada, bob, 100), transfer(bob, eve, 100)))
    assert [database.balance(each) for each in (ada, bob, eve)] == [0, 0, 100]
    assert database.findings() == ()


def test_transfers_in_both_directions_of_one_batch_are_done_in_their_order() -> None:
    database = Database()
    ada, bob = database.a_wallet(100), database.a_wallet()
    results = database.run(transfer(bob, ada, 1), transfer(ada, bob, 100), transfer(bob, ada, 1))
    assert kinds(results) == [InsufficientFunds, None, None]
    assert (database.balance(ada), database.balance(bob)) == (1, 99)


def test_a_repeated_request_pays_once() -> None:
    database = Database()
    ada, bob = database.a_wallet(100), database.a_wallet()
    outcomes = [
        done(database.run(transfer(ada, bob, 60, caller=a_caller("k-1"))))[0] for _ in range(3)
    ]
    assert [each.replayed for each in outcomes] == [False, True, True]
    assert len({each.transaction_id for each in outcomes}) == 1
    assert (database.balance(ada), database.balance(bob)) == (40, 60)


def test_paying_oneself_mints_no_money() -> None:
    database = Database()
    ada = database.a_wallet(100)
    assert kinds(database.run(transfer(ada, ada, 60))) == [SameWallet]
    assert database.balance(ada) == 100


def test_what_is_refused() -> None:
    database = Database()
    ada, bob = database.a_wallet(100), database.a_wallet()
    euros, full = database.a_wallet(currency="EUR"), database.a_wallet(AMOUNT_MINOR_MAX)
    frozen = a_wallet_with_status(database, Status.FROZEN)
    closed = a_wallet_with_status(database, Status.CLOSED)
    external, nobody = external_wallet_id("USD"), new_id()
    done(database.run(transfer(ada, bob, 1, reference="rent")))
    table = [
        (transfer(ada, ada), SameWallet),
        (transfer(nobody, nobody), SameWallet),
        (transfer(external, external), SameWallet),
        (transfer(external, ada), SystemWalletNamed),
        (transfer(ada, external), SystemWalletNamed),
        (transfer(external, nobody), SystemWalletNamed),
        (transfer(nobody, external), WalletNotFound),
        (transfer(ada, nobody), WalletNotFound),
        (transfer(nobody, ada), WalletNotFound),
        (transfer(closed, bob, reference="rent"), ReferenceTaken),
        (transfer(closed, bob), AccountClosed),
        (transfer(ada, closed, 1), AccountClosed),
        (transfer(frozen, bob), AccountFrozen),
        (transfer(ada, euros, 1), CurrencyMismatch),
        (transfer(euros, ada, 1), CurrencyMismatch),
        (transfer(ada, bob, 1, currency="EUR"), CurrencyMismatch),
        (transfer(ada, bob, 100), InsufficientFunds),
        (transfer(ada, full, 100), InsufficientFunds),
        (transfer(ada, full, 99), BalanceLimitExceeded),
    ]
    results = database.run(*(command for command, _ in table))
    assert kinds(results) == [expected for _, expected in table]
    assert (database.balance(ada), database.balance(bob)) == (99, 1)


def test_money_is_welcome_in_a_frozen_wallet() -> None:
    database = Database()
    ada, frozen = database.a_wallet(100), a_wallet_with_status(database, Status.FROZEN)
    done(database.run(transfer(ada, frozen, 100)))
    assert database.balance(frozen) == 200


@pytest.mark.parametrize("amount", [0, -5, AMOUNT_MINOR_MAX + 1, True, 1.5])
def test_an_amount_that_no_request_can_carry_makes_no_command(amount: int) -> None:
    """A negative amount would pull money out of the destination."""
    with pytest.raises(ValueError, match="amount"):
        transfer(new_id(), new_id(), amount)
