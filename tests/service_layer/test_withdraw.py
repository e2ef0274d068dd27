"""Withdrawing money out of the books."""

import pytest

from adapters.system import new_id
from domain.errors import (
    AccountClosed,
    AccountFrozen,
    CurrencyMismatch,
    CurrencyNotEnabled,
    InsufficientFunds,
    ReferenceTaken,
    SystemWalletNamed,
    WalletNotFound,
)
from domain.money import AMOUNT_MINOR_MAX
from domain.transaction import TransactionType
from domain.wallet import external_wallet_id
from tests.builders import a_caller, change_limits, place_hold, replenish, withdraw
from tests.service_layer.faulty_unit import Database, done, kinds
from tests.service_layer.test_transfer import a_wallet_with_status


def test_a_withdrawal_takes_from_the_wallet_what_leaves_the_books() -> None:
    database = Database()
    ada = database.a_wallet(1000)
    command = withdraw(ada, 300, reference="payout")
    (outcome,) = done(database.run(command))
    made = outcome.transaction
    assert made is not None
    assert (made.id, made.type, made.reference) == (
        command.id, TransactionType.WITHDRAWAL, "payout",
    )  # fmt: skip
    assert [(each.wallet_id, each.amount, each.balance_after) for each in made.postings] == [
        (ada, -300, 700),
        (external_wallet_id("USD"), 300, None),
    ]
    assert (made.actor, made.request_id) == (command.caller.actor, command.caller.request_id)
    assert database.findings() == ()


def test_it_locks_the_wallet_and_not_the_external_one() -> None:
    wallet_id = new_id()
    assert withdraw(wallet_id).claims.wallet_ids == (wallet_id,)


def test_what_was_paid_in_can_be_paid_out_in_the_same_batch() -> None:
    database = Database()
    ada = database.a_wallet()
    results = database.run(withdraw(ada, 5), replenish(ada, 5), withdraw(ada, 5), withdraw(ada, 1))
    assert kinds(results) == [InsufficientFunds, None, None, InsufficientFunds]
    assert database.balance(ada) == 0


def test_the_overdraft_can_be_paid_out_but_not_what_is_held() -> None:
    database = Database()
    ada = database.a_wallet(100)
    done(database.run(change_limits(ada, overdraft_limit=50), place_hold(ada, 70)))
    assert kinds(database.run(withdraw(ada, 81), withdraw(ada, 80), withdraw(ada, 1))) == [
        InsufficientFunds, None, InsufficientFunds,
    ]  # fmt: skip
    assert database.balance(ada) == 20


def test_a_repeated_request_pays_once() -> None:
    database = Database()
    ada = database.a_wallet(100)
    outcomes = [done(database.run(withdraw(ada, 60, caller=a_caller("k"))))[0] for _ in range(3)]
    assert [each.replayed for each in outcomes] == [False, True, True]
    assert len({each.transaction_id for each in outcomes}) == 1
    assert database.balance(ada) == 40


def test_what_is_refused() -> None:
    database = Database()
    ada = database.a_wallet(100)
    frozen = a_wallet_with_status(database, "frozen")
    closed = a_wallet_with_status(database, "closed")
    done(database.run(withdraw(ada, 1, reference="payout")))
    table = [
        (withdraw(external_wallet_id("USD"), reference="payout"), SystemWalletNamed),
        (withdraw(new_id(), reference="payout"), WalletNotFound),
        (withdraw(closed, reference="payout"), ReferenceTaken),
        (withdraw(closed, currency="JPY"), CurrencyNotEnabled),
        (withdraw(closed, currency="EUR"), AccountClosed),
        (withdraw(frozen, currency="EUR"), AccountFrozen),
        (withdraw(frozen, 1), AccountFrozen),
        (withdraw(ada, currency="EUR"), CurrencyMismatch),
        (withdraw(ada, 100), InsufficientFunds),
    ]
    results = database.run(*(command for command, _ in table))
    assert kinds(results) == [expected for _, expected in table]
    assert database.balance(ada) == 99


@pytest.mark.parametrize("amount", [0, -5, AMOUNT_MINOR_MAX + 1, True, 1.5])
def test_an_amount_that_no_request_can_carry_makes_no_command(amount: int) -> None:
    """A negative amount would mint money."""
    with pytest.raises(ValueError, match="amount"):
        withdraw(new_id(), amount)
