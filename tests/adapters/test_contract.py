"""The contract that every adapter fulfils: one suite, run on memory and on PostgreSQL."""

from domain.errors import InsufficientFunds
from domain.idempotency import Outcome
from tests.builders import replenish, transfer
from tests.stage import Stage


def test_a_transfer_moves_money_from_one_wallet_to_the_other(stage: Stage) -> None:
    ada, bob = stage.a_wallet(1000), stage.a_wallet()
    outcome = stage.execute(transfer(ada, bob, 300))
    assert (stage.balance(ada), stage.balance(bob)) == (700, 300)
    assert outcome.transaction is not None
    assert stage.container.queries().transaction(outcome.transaction.id) == outcome.transaction


def test_a_refused_command_writes_no_posting_and_harms_no_neighbour(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    results = stage.run(transfer(ada, bob, 60), transfer(ada, bob, 60), replenish(bob, 5))
    refused = [isinstance(each, Outcome) and type(each.refused) for each in results]
    assert refused == [type(None), InsufficientFunds, type(None)]
    assert (stage.balance(ada), stage.balance(bob)) == (40, 65)
