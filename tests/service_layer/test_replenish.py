"""Replenishing a wallet with money from outside the books."""

import pytest

from adapters.system import new_id
from domain.errors import (
    BalanceLimitExceeded,
    CurrencyMismatch,
    CurrencyNotEnabled,
    ReferenceTaken,
    SystemWalletNamed,
    WalletNotFound,
)
from domain.money import AMOUNT_MINOR_MAX
from domain.transaction import TransactionType
from domain.wallet import external_wallet_id
from tests.builders import a_caller, open_account, replenish, transfer
from tests.service_layer.faulty_unit import Database, done, kinds


def test_a_replenishment_takes_from_outside_what_it_puts_into_the_wallet() -> None:
    database = Database()
    ada = database.a_wallet(10)
    (outcome,) = done(database.run(replenish(ada, 500, reference="gift")))
    made = outcome.transaction
    assert made is not None
    assert (made.type, made.reference) == (TransactionType.REPLENISHMENT, "gift")
    assert [(each.wallet_id, each.amount) for each in made.postings] == [
        (external_wallet_id("USD"), -500),
        (ada, 500),
    ]
    assert database.balance(ada) == 510


def test_it_says_who_asked_with_which_request() -> None:
    database = Database()
    command = replenish(database.a_wallet(), 5)
    (outcome,) = done(database.run(command))
    assert outcome.transaction is not None
    assert outcome.transaction.id == command.id
    assert outcome.transaction.actor == command.caller.actor
    assert outcome.transaction.request_id == command.caller.request_id


def test_it_locks_the_wallet_and_never_the_external_one() -> None:
    wallet_id = new_id()
    assert replenish(wallet_id).wallet_ids == (wallet_id,)


def test_the_books_add_up_afterwards() -> None:
    database = Database()
    ada, bob = database.a_wallet(), database.a_wallet(currency="EUR")
    done(database.run(replenish(ada, 5), replenish(bob, 7, currency="EUR"), replenish(ada, 6)))
    assert database.findings() == ()


def test_a_repeated_request_replenishes_once() -> None:
    database = Database()
    ada = database.a_wallet()
    outcomes = [done(database.run(replenish(ada, 5, caller=a_caller("k-1"))))[0] for _ in range(3)]
    assert [each.replayed for each in outcomes] == [False, True, True]
    assert len({each.transaction_id for each in outcomes}) == 1
    assert database.balance(ada) == 5


def test_replenishing_again_with_another_key_replenishes_again() -> None:
    database = Database()
    ada = database.a_wallet()
    done(database.run(replenish(ada, 5), replenish(ada, 5)))
    assert database.balance(ada) == 10


def test_what_is_refused() -> None:
    database = Database()
    ada = database.a_wallet(1)
    full = database.a_wallet(AMOUNT_MINOR_MAX)
    done(database.run(replenish(ada, 1, reference="gift")))
    results = database.run(
        replenish(external_wallet_id("USD")),
        replenish(new_id()),
        replenish(ada, reference="gift"),
        replenish(ada, currency="EUR"),
        replenish(ada, currency="XXX"),
        replenish(ada, AMOUNT_MINOR_MAX),
        replenish(full, 1),
    )
    assert kinds(results) == [
        SystemWalletNamed,
        WalletNotFound,
        ReferenceTaken,
        CurrencyMismatch,
        CurrencyNotEnabled,
        BalanceLimitExceeded,
        BalanceLimitExceeded,
    ]
    assert (database.balance(ada), database.balance(full)) == (2, AMOUNT_MINOR_MAX)


def test_transfers_share_their_references_with_replenishments() -> None:
    database = Database()
    ada, bob = database.a_wallet(9), database.a_wallet()
    results = database.run(
        replenish(ada, reference="rent"), transfer(ada, bob, 1, reference="rent")
    )
    assert kinds(results) == [None, ReferenceTaken]


def test_accounts_have_references_of_their_own() -> None:
    database = Database()
    ada = database.a_wallet()
    results = database.run(open_account(reference="ada"), replenish(ada, reference="ada"))
    assert kinds(results) == [None, None]


@pytest.mark.parametrize("amount", [0, -5, AMOUNT_MINOR_MAX + 1, True, 1.5])
def test_an_amount_that_no_request_can_carry_makes_no_command(amount: int) -> None:
    with pytest.raises(ValueError, match="amount"):
        replenish(new_id(), amount)
