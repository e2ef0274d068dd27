"""The contract of reversals: what they take back, once however often it is tried, on every adapter."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from adapters.system import new_id
from domain.errors import (
    AccountClosed,
    AccountFrozen,
    BalanceLimitExceeded,
    ExceedsOriginal,
    IdempotencyKeyReused,
    InsufficientFunds,
    NotReversible,
    ReferenceTaken,
    TransactionNotFound,
)
from domain.idempotency import Outcome
from domain.money import AMOUNT_MINOR_MAX
from domain.transaction import Leg, Transaction, TransactionType
from domain.wallet import Status, external_wallet_id
from service_layer.change_limits import ChangeLimits
from service_layer.change_status import ChangeStatus
from service_layer.command import Command
from service_layer.journal import Journal
from service_layer.run_batch import Result, claims_of, decide
from tests.builders import (
    a_caller,
    capture_hold,
    journal,
    place_hold,
    replenish,
    reverse,
    split,
    transfer,
    withdraw,
)
from tests.stage import Stage


def made(result: Result) -> Transaction:
    assert isinstance(result, Outcome), repr(result)
    assert result.transaction is not None, result.refused
    return result.transaction


def refused(result: Result) -> type | None:
    assert isinstance(result, Outcome), repr(result)
    return None if result.refused is None else type(result.refused)


def moved(transaction: Transaction) -> list[tuple[UUID, int]]:
    return [(posting.wallet_id, posting.amount) for posting in transaction.postings]


def reversals_of(stage: Stage, transaction_id: UUID, **page: Any) -> list[Transaction]:
    asked = {"before": None, "limit": 9} | page
    found: list[Transaction] = stage.container.queries().reversals(transaction_id, **asked)
    return found


def a_payment(stage: Stage, amount: int = 100) -> tuple[UUID, UUID, UUID]:
    """Ada paid Bob all that she had; the payment's id with their wallets."""
    ada, bob = stage.a_wallet(amount), stage.a_wallet()
    return made(stage.execute(transfer(ada, bob, amount))).id, ada, bob


def test_the_whole_goes_back_and_is_found_from_the_original(stage: Stage) -> None:
    payment, ada, bob = a_payment(stage)
    command = reverse(payment, reference="refund-1", description="Broken", metadata={"desk": "4"})
    reversal = made(stage.execute(command))
    assert (reversal.type, reversal.reverses) == (TransactionType.REVERSAL, payment)
    assert (reversal.reference, reversal.description) == ("refund-1", "Broken")
    assert reversal.metadata == {"desk": "4"}
    assert moved(reversal) == [(ada, 100), (bob, -100)]
    assert stage.container.queries().transaction(reversal.id) == reversal
    assert reversals_of(stage, payment) == [reversal]
    assert reversals_of(stage, reversal.id) == []
    assert (stage.balance(ada), stage.balance(bob)) == (100, 0)


def test_a_reversal_is_later_than_its_original_whatever_the_clock_says(stage: Stage) -> None:
    payment, *_ = a_payment(stage)
    stage.clock.move(hours=-1)
    reversal = made(stage.execute(reverse(payment)))
    original = stage.container.queries().transaction(payment)
    assert reversal.created_at == original.created_at + timedelta(microseconds=1)


def test_reversals_of_one_batch_see_each_other(stage: Stage) -> None:
    payment, ada, bob = a_payment(stage)
    parts = [reverse(payment, 40), reverse(payment, 61), reverse(payment, 40), reverse(payment)]
    results = stage.run(*parts, reverse(payment, 1))
    assert [refused(each) for each in results] == [
        *(None, ExceedsOriginal, None),
        *(None, ExceedsOriginal),
    ]
    assert [moved(made(results[place]))[0] for place in (0, 2, 3)] == [
        (ada, 40),
        (ada, 40),
        (ada, 20),
    ]
    assert refused(stage.execute(reverse(payment))) is ExceedsOriginal
    assert (stage.balance(ada), stage.balance(bob)) == (100, 0)


def test_many_parts_in_many_batches_come_to_the_whole(stage: Stage) -> None:
    payment, ada, _ = a_payment(stage)
    for _ in range(3):
        results = stage.run(*(reverse(payment, 7) for _ in range(6)))
    assert [refused(each) for each in results] == [None] * 2 + [ExceedsOriginal] * 4
    assert stage.balance(ada) == 98
    made(stage.execute(reverse(payment)))
    assert stage.balance(ada) == 100


def test_a_repeated_reversal_is_answered_again(stage: Stage) -> None:
    payment, ada, _ = a_payment(stage)
    command = reverse(payment, 30)
    first, again = stage.execute(command), stage.execute(command)
    assert (first.replayed, again.replayed) == (False, True)
    assert again.transaction_id == first.transaction_id
    assert stage.balance(ada) == 30


def test_two_of_one_key_in_one_batch_are_one(stage: Stage) -> None:
    payment, ada, _ = a_payment(stage)
    one, same, other = (
        reverse(payment, 30, caller=a_caller("refund", request=request))
        for request in ("", "", "x")
    )
    results = stage.run(one, same, other)
    assert isinstance(results[1], Outcome)
    assert (results[1].replayed, results[1].transaction_id) == (True, one.id)
    assert isinstance(results[2], Outcome)
    assert isinstance(results[2].refused, IdempotencyKeyReused)
    assert stage.balance(ada) == 30


def test_a_refused_reversal_is_answered_again_although_it_would_be_done_now(stage: Stage) -> None:
    payment, _, bob = a_payment(stage)
    stage.execute(withdraw(bob, 1))
    command = reverse(payment)
    first = stage.execute(command)
    stage.execute(replenish(bob, 1))
    again = stage.execute(command)
    assert (refused(first), refused(again), again.replayed) == (*[InsufficientFunds] * 2, True)
    assert first.refused is not None
    assert again.refused is not None
    assert (again.refused.detail, again.refused.data) == (first.refused.detail, first.refused.data)


def test_when_the_money_is_spent_the_refusal_says_so(stage: Stage) -> None:
    payment, _, bob = a_payment(stage)
    stage.execute(withdraw(bob, 60))
    spent = stage.execute(reverse(payment)).refused
    assert isinstance(spent, InsufficientFunds)
    assert spent.detail.startswith(f"Money of transaction {payment} has been spent or is held.")
    assert spent.data == {"transaction_id": str(payment), "wallet_id": str(bob), "available": 40}
    assert refused(stage.execute(reverse(payment, 40))) is None


def test_money_that_is_held_does_not_go_back(stage: Stage) -> None:
    payment, _, bob = a_payment(stage)
    stage.execute(place_hold(bob, 1))
    assert refused(stage.execute(reverse(payment))) is InsufficientFunds


def test_a_reference_that_is_taken_is_refused(stage: Stage) -> None:
    payment, *_ = a_payment(stage)
    one, other = reverse(payment, 1, reference="r"), reverse(payment, 2, reference="r")
    assert [refused(each) for each in stage.run(one, other)] == [None, ReferenceTaken]
    assert refused(stage.execute(reverse(payment, 3, reference="r"))) is ReferenceTaken


def test_what_was_not_made_before_is_unknown(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    payment = transfer(ada, bob, 100)
    assert refused(stage.execute(reverse(payment.id))) is TransactionNotFound
    results = stage.run(payment, reverse(payment.id))
    assert [refused(each) for each in results] == [None, TransactionNotFound]
    assert refused(stage.execute(reverse(new_id()))) is TransactionNotFound
    assert refused(stage.execute(reverse(payment.id))) is None


def test_a_reversal_is_not_reversed_itself(stage: Stage) -> None:
    payment, *_ = a_payment(stage)
    reversal = made(stage.execute(reverse(payment)))
    assert refused(stage.execute(reverse(reversal.id))) is NotReversible
    assert refused(stage.execute(reverse(reversal.id, 1))) is NotReversible


# Originals of every type.


def test_a_replenishment_is_taken_back_to_the_outside(stage: Stage) -> None:
    ada = stage.a_wallet()
    paid_in = made(stage.execute(replenish(ada, 100)))
    assert moved(made(stage.execute(reverse(paid_in.id, 30)))) == [
        (external_wallet_id("USD"), 30),
        (ada, -30),
    ]
    assert stage.balance(ada) == 70


def test_a_withdrawal_comes_back(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    paid_out = made(stage.execute(withdraw(ada, 100)))
    reversal = made(stage.execute(reverse(paid_out.id)))
    assert moved(reversal) == [(ada, 100), (external_wallet_id("USD"), -100)]


def test_a_reversed_capture_leaves_its_hold_captured(stage: Stage) -> None:
    ada, shop = stage.a_wallet(100), stage.a_wallet()
    hold = place_hold(ada, 80, destination_wallet_id=shop)
    stage.execute(hold)
    capture = made(stage.execute(capture_hold(hold.id)))
    reversal = made(stage.execute(reverse(capture.id)))
    assert reversal.hold_id is None
    shown = stage.container.hold_queries().hold(hold.id)
    assert (shown.status, shown.captured) == ("captured", 80)
    assert (stage.balance(ada), stage.balance(shop)) == (100, 0)


def test_each_of_a_split_gives_back_a_part(stage: Stage) -> None:
    buyer, fee, agent, seller = stage.a_wallet(1000), *(stage.a_wallet() for _ in range(3))
    paid = made(stage.execute(split(buyer, 1000, (fee, 30), (agent, "10"), (seller, None))))
    reversal = made(stage.execute(reverse(paid.id, 100)))
    assert (reversal.allocation, moved(reversal)) == (
        (),
        [(buyer, 100), (fee, -3), (agent, -10), (seller, -87)],
    )
    one_cent = made(stage.execute(reverse(paid.id, 1)))
    assert moved(one_cent) == [(buyer, 1), (seller, -1)]  # who gives back nothing has no posting
    made(stage.execute(reverse(paid.id)))
    assert [stage.balance(id) for id in (buyer, fee, agent, seller)] == [1000, 0, 0, 0]


def test_a_journal_of_many_legs_goes_back_in_parts(stage: Stage) -> None:
    random = Random(7)
    wallets = [stage.a_wallet(10_000) for _ in range(5)]
    for _ in range(10):
        amounts = [random.randint(-900, 900) or 1 for _ in range(9)]
        legs = [(random.choice(wallets), amount) for amount in amounts]
        rest = -sum(amounts)
        paid = stage.execute(journal(*legs, *([(wallets[0], rest)] if rest else [])))
        whole = sum(amount for _, amount in _net(made(paid)) if amount > 0)
        before = [stage.balance(id) for id in wallets]
        parts = [random.randint(1, whole // 3) for _ in range(4)]
        stage.run(*(reverse(made(paid).id, part) for part in parts), reverse(made(paid).id))
        gained = dict(_net(made(paid)))
        after = [balance - gained.get(id, 0) for id, balance in zip(wallets, before, strict=True)]
        assert [stage.balance(id) for id in wallets] == after


def _net(transaction: Transaction) -> list[tuple[UUID, int]]:
    nets: dict[UUID, int] = {}
    for wallet_id, amount in moved(transaction):
        nets[wallet_id] = nets.get(wallet_id, 0) + amount
    return list(nets.items())


def test_several_currencies_go_back_as_a_whole_only(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    euro_ada, euro_bob = stage.a_wallet(currency="EUR"), stage.a_wallet(90, currency="EUR")
    dollars = ((ada, -100, "USD"), (bob, 100, "USD"))
    euros = ((euro_bob, -90, "EUR"), (euro_ada, 90, "EUR"))
    legs = [Leg(wallet_id=id, amount=amount, currency=code) for id, amount, code in dollars + euros]
    exchange = made(stage.execute(Journal(id=new_id(), caller=a_caller(), legs=tuple(legs))))
    assert refused(stage.execute(reverse(exchange.id, 10))) is NotReversible
    made(stage.execute(reverse(exchange.id)))
    balances = [stage.balance(id) for id in (ada, bob, euro_ada, euro_bob)]
    assert balances == [100, 0, 0, 90]
    assert refused(stage.execute(reverse(exchange.id))) is ExceedsOriginal


def test_what_no_single_posting_can_take_back_goes_back_in_two(stage: Stage) -> None:
    most = AMOUNT_MINOR_MAX
    debtor, lender, other = stage.a_wallet(), stage.a_wallet(), stage.a_wallet(most)
    limits = ChangeLimits(
        id=new_id(), caller=a_caller(), wallet_id=debtor, changes={"overdraft_limit": most}
    )
    stage.execute(limits)
    made(stage.execute(transfer(debtor, lender, most)))
    paid = made(
        stage.execute(journal((lender, -most), (other, -most), (debtor, most), (debtor, most)))
    )
    assert stage.balance(debtor) == most
    made(stage.execute(reverse(paid.id)))
    assert [stage.balance(id) for id in (debtor, lender, other)] == [-most, most, most]


# The accounts, and what has become of them.


def account_of(stage: Stage, wallet_id: UUID) -> UUID:
    account_id: UUID = stage.container.queries().wallet(wallet_id).account_id
    return account_id


def change_status(stage: Stage, wallet_id: UUID, status: Status) -> None:
    command = ChangeStatus(
        id=new_id(), caller=a_caller(), account_id=account_of(stage, wallet_id), status=status
    )
    assert stage.execute(command).refused is None


def test_no_money_leaves_a_frozen_account_but_some_may_come_back(stage: Stage) -> None:
    payment, ada, bob = a_payment(stage)
    change_status(stage, ada, Status.FROZEN)
    assert refused(stage.execute(reverse(payment, 30))) is None
    change_status(stage, bob, Status.FROZEN)
    assert refused(stage.execute(reverse(payment, 30))) is AccountFrozen
    change_status(stage, bob, Status.ACTIVE)
    assert refused(stage.execute(reverse(payment))) is None


def test_nothing_goes_back_to_a_closed_account_or_comes_from_one(stage: Stage) -> None:
    payment, ada, _ = a_payment(stage)
    change_status(stage, ada, Status.CLOSED)
    assert refused(stage.execute(reverse(payment))) is AccountClosed
    payment, _, bob = a_payment(stage)
    stage.execute(withdraw(bob, 100))
    change_status(stage, bob, Status.CLOSED)
    assert refused(stage.execute(reverse(payment))) is AccountClosed


def test_what_comes_back_must_fit_into_the_wallet(stage: Stage) -> None:
    payment, ada, _ = a_payment(stage)
    limits: Command = ChangeLimits(
        id=new_id(), caller=a_caller(), wallet_id=ada, changes={"max_balance": 99}
    )
    stage.execute(limits)
    assert refused(stage.execute(reverse(payment))) is BalanceLimitExceeded
    assert refused(stage.execute(reverse(payment, 99))) is None


def test_reversals_are_paged_newest_first(stage: Stage) -> None:
    payment, *_ = a_payment(stage)
    other, *_ = a_payment(stage)
    parts = [reverse(payment, 10) for _ in range(5)]
    stage.run(*parts, reverse(other))
    ids = [part.id for part in reversed(parts)]
    assert [each.id for each in reversals_of(stage, payment)] == ids
    assert [each.id for each in reversals_of(stage, payment, limit=2)] == ids[:2]
    assert [each.id for each in reversals_of(stage, payment, before=ids[1], limit=2)] == ids[2:4]


def test_reversals_are_listed_by_their_time_whatever_their_ids(stage: Stage) -> None:
    """Two processes make ids of their own: the later one may be the smaller."""
    payment, *_ = a_payment(stage)
    small, middle, large = sorted(
        (reverse(payment, 10) for _ in range(3)), key=lambda command: command.id
    )
    stage.run(large, small, middle)
    ids = [middle.id, small.id, large.id]
    assert [each.id for each in reversals_of(stage, payment)] == ids
    assert [each.id for each in reversals_of(stage, payment, before=ids[0], limit=5)] == ids[1:]


def test_a_dry_run_takes_nothing_back_for_the_next_one(stage: Stage) -> None:
    payment, ada, _ = a_payment(stage)
    with stage.container.unit_of_work() as unit:
        real = reverse(payment)
        rehearsal = reverse(payment, caller=replace(a_caller(), dry_run=True))
        books = unit.open_books(claims_of([rehearsal, real]))
        assert refused(decide(rehearsal, books)) is None
        assert refused(decide(real, books)) is None
        unit.write(books)
        unit.commit()
    assert stage.balance(ada) == 100


@pytest.mark.parametrize("amount", [0, -1, AMOUNT_MINOR_MAX + 1])
def test_an_amount_that_no_request_can_carry_crashes(amount: int) -> None:
    with pytest.raises(ValueError, match="minor units"):
        reverse(new_id(), amount)
