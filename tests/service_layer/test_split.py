"""Splitting an amount from one wallet among several."""

from uuid import UUID

from domain.errors import InsufficientFunds, SameWallet, Unbalanced, WalletNotFound
from domain.idempotency import Outcome
from domain.transaction import Transaction, TransactionType
from tests.builders import split
from tests.stage import Stage

NOBODY = UUID(int=404)


def made(outcome: Outcome) -> Transaction:
    assert outcome.transaction is not None, outcome.refused
    return outcome.transaction


def test_everybody_gets_their_share(memory_stage: Stage) -> None:
    stage = memory_stage
    shop, fee, agent, seller = stage.a_wallet(2500), *(stage.a_wallet() for _ in range(3))
    command = split(shop, 1999, (fee, 30), (agent, "2.9"), (seller, None), reference="order-1")
    transaction = made(stage.execute(command))
    assert (transaction.type, transaction.reference) == (TransactionType.SPLIT, "order-1")
    assert [(each.wallet_id, each.amount) for each in transaction.postings] == [
        (shop, -1999),
        (fee, 30),
        (agent, 58),
        (seller, 1911),
    ]
    assert [stage.balance(id) for id in (shop, fee, agent, seller)] == [501, 30, 58, 1911]
    assert [part.rounding for part in transaction.allocation] == ["0", "0.029", "-0.029"]


def test_a_wallet_with_two_shares_gets_both(memory_stage: Stage) -> None:
    shop, fee = memory_stage.a_wallet(100), memory_stage.a_wallet()
    transaction = made(memory_stage.execute(split(shop, 100, (fee, 30), (fee, "70"))))
    assert [each.balance_after for each in transaction.postings] == [0, 30, 100]


def test_a_share_that_comes_to_nothing_has_no_posting(memory_stage: Stage) -> None:
    shop, fee, seller = memory_stage.a_wallet(10), memory_stage.a_wallet(), memory_stage.a_wallet()
    transaction = made(memory_stage.execute(split(shop, 10, (fee, "1"), (seller, None))))
    assert [each.wallet_id for each in transaction.postings] == [shop, seller]
    assert [(part.amount, part.exact) for part in transaction.allocation] == [
        (0, "0.1"),
        (10, "9.9"),
    ]


def test_the_source_takes_no_share_of_its_own_money(memory_stage: Stage) -> None:
    shop = memory_stage.a_wallet(100)
    refused = memory_stage.execute(split(shop, 100, (memory_stage.a_wallet(), 1), (shop, None)))
    assert isinstance(refused.refused, SameWallet)


def test_shares_that_do_not_make_the_whole_are_refused(memory_stage: Stage) -> None:
    shop, seller = memory_stage.a_wallet(100), memory_stage.a_wallet()
    for shares in ([(seller, 99)], [(seller, "99.9")], [(seller, 101), (seller, None)]):
        assert isinstance(memory_stage.execute(split(shop, 100, *shares)).refused, Unbalanced)
    assert memory_stage.balance(shop) == 100


def test_what_is_wrong_is_refused_in_this_order(memory_stage: Stage) -> None:
    poor = memory_stage.a_wallet(5)
    refusals = [
        (split(poor, 10, (poor, 1), (NOBODY, 8)), SameWallet),
        (split(poor, 10, (NOBODY, 9)), Unbalanced),
        (split(poor, 10, (NOBODY, 10)), WalletNotFound),
        (split(poor, 10, (memory_stage.a_wallet(), 10)), InsufficientFunds),
    ]
    for command, refusal in refusals:
        assert isinstance(memory_stage.execute(command).refused, refusal)
