"""Whoever is bound to an account takes nothing from others, whatever is asked for, in whatever order."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar
from uuid import UUID

import hypothesis
import pytest
from hypothesis import strategies as st

from adapters.system import new_id
from domain.books import Books
from domain.idempotency import Outcome
from domain.post import post
from domain.transaction import Leg, TransactionType
from service_layer.bound import with_strangers_blank
from service_layer.command import Command
from service_layer.money_command import MoneyCommand
from service_layer.post_batch import Mode, PostBatch
from service_layer.run_batch import claims_of
from service_layer.withdraw import Withdraw
from tests.builders import (
    a_caller,
    a_key,
    capture_hold,
    journal,
    open_account,
    place_hold,
    replenish,
    split,
    transfer,
    void_hold,
)
from tests.stage import Stage, a_stage

KINDS = ("transfer", "split", "hold", "withdraw", "replenish", "journal", "capture", "void")
STEP = st.tuples(
    st.sampled_from(KINDS),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(1, 80),
    st.booleans(),
)


def a_town() -> tuple[Stage, UUID, list[UUID], list[UUID]]:
    """Ada's account; her wallet with those of two others; a hold on each."""
    stage = a_stage("memory")
    accounts = [open_account() for _ in range(3)]
    stage.run(*accounts)
    wallets = [account.wallet_id for account in accounts]
    stage.run(*(replenish(wallet, 100) for wallet in wallets))
    holds = [place_hold(wallet, 10) for wallet in wallets]
    stage.run(*holds)
    return stage, accounts[0].id, wallets, [hold.id for hold in holds]


def bound(account_id: UUID, *, dry_run: bool = False) -> Any:
    return replace(
        a_caller(), key=a_key(scope="app"), actor="app", bound_to=account_id, dry_run=dry_run
    )


def a_command(
    step: tuple[str, int, int, int, bool], account: UUID, wallets: list[UUID], holds: list[UUID]
) -> Command:
    kind, one, other, amount, dry_run = step
    source, destination, caller = wallets[one], wallets[other], bound(account, dry_run=dry_run)
    made: dict[str, Command] = {
        "transfer": transfer(source, destination, amount, caller=caller),
        "split": split(source, amount, (destination, None), caller=caller),
        "hold": place_hold(source, amount, destination_wallet_id=destination, caller=caller),
        "withdraw": Withdraw(
            id=new_id(), caller=caller, wallet_id=source, amount=amount, currency="USD"
        ),
        "replenish": replenish(source, amount, caller=caller),
        "journal": journal((source, -amount), (destination, amount), caller=caller),
        "capture": capture_hold(holds[one], caller=caller),
        "void": void_hold(holds[one], caller=caller),
    }
    return made[kind]


@hypothesis.given(st.lists(STEP, max_size=12), st.sampled_from([None, *Mode]))
@hypothesis.settings(max_examples=60, deadline=None)
def test_nobody_else_ever_has_less(steps: list[Any], mode: Mode | None) -> None:
    stage, account, wallets, holds = a_town()
    queries = stage.container.queries()

    def others() -> list[tuple[int, int]]:
        found = [queries.wallet(wallet) for wallet in wallets[1:]]
        return [(wallet.available, wallet.held) for wallet in found]

    before = others()
    commands = [a_command(step, account, wallets, holds) for step in steps]
    if mode is None:
        results = stage.run(*commands)
    else:
        batch = PostBatch(id=new_id(), caller=bound(account), mode=mode, operations=tuple(commands))
        results = stage.run(batch)
    assert all(isinstance(result, Outcome) for result in results)
    for (available, held), (was, was_held) in zip(others(), before, strict=True):
        assert available >= was
        assert held == was_held
    assert stage.findings() == ()


@hypothesis.given(st.lists(STEP, max_size=12))
@hypothesis.settings(max_examples=60, deadline=None)
def test_nobody_is_told_what_others_have(steps: list[Any]) -> None:
    stage, account, wallets, holds = a_town()
    commands = [a_command(step, account, wallets, holds) for step in steps]
    for result in stage.run(*commands):
        assert isinstance(result, Outcome)
        told = {} if result.refused is None else result.refused.data
        if told.get("wallet_id") in map(str, wallets[1:]):
            assert set(told) == {"wallet_id"}
        for posting in result.transaction.postings if result.transaction else ():
            if posting.wallet_id != wallets[0]:
                assert (posting.balance_after, posting.wallet_version) == (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Careless(MoneyCommand):
    """A command whose author said too much: it is for bound callers, who need to own nothing."""

    for_bound: ClassVar[bool] = True

    source: UUID
    destination: UUID

    @property
    def wallet_ids(self) -> tuple[UUID, ...]:
        return (self.source, self.destination)

    @property
    def own_wallet_ids(self) -> tuple[UUID, ...]:
        return ()

    def decide(self, books: Books) -> Outcome:
        legs = [
            Leg(wallet_id=wallet, amount=amount, currency=self.currency)
            for wallet, amount in ((self.source, -self.amount), (self.destination, self.amount))
        ]
        return Outcome.posted(post(self.entry(TransactionType.TRANSFER, *legs), books))


def test_a_command_that_forgets_whose_money_it_takes_is_stopped() -> None:
    stage, account, (ada, bob, _), _ = a_town()
    careless = Careless(
        id=new_id(),
        caller=bound(account),
        amount=5,
        currency="USD",
        source=bob,
        destination=ada,
    )
    harmless = transfer(ada, bob, 1)
    stopped, done = stage.run(careless, harmless)
    assert isinstance(stopped, RuntimeError)
    assert isinstance(done, Outcome)
    assert (stage.balance(ada), stage.balance(bob)) == (99, 101)


def test_in_a_dry_run_others_have_nothing_and_may_have_all() -> None:
    stage, account, (ada, bob, _), _ = a_town()
    with stage.container.unit_of_work() as unit:
        books = unit.open_books(claims_of([transfer(ada, bob, 1)]))
        rich = replace(books.wallets[bob], balance=7, held=3, max_balance=8)
        books.wallets[bob] = rich
        seen = with_strangers_blank(books.copy(), account)
        assert seen.wallets[ada] == books.wallets[ada]
        assert seen.wallets[bob] == replace(rich, balance=0, held=0, max_balance=None)
        assert books.wallets[bob] == rich


@pytest.mark.parametrize("kind", KINDS)
def test_a_dry_run_keeps_nothing(kind: str) -> None:
    stage, account, wallets, holds = a_town()
    before = [stage.balance(wallet) for wallet in wallets]
    stage.run(a_command((kind, 0, 1, 5, True), account, wallets, holds))
    assert [stage.balance(wallet) for wallet in wallets] == before
