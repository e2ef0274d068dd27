"""Whoever is bound to an account takes nothing from others, whatever is asked for, in whatever order."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar
from uuid import UUID

import hypothesis
import pytest
from hypothesis import strategies as st

import service_layer.bound
from adapters.system import new_id
from domain.books import Books
from domain.errors import CannotBePaid, InsufficientFunds
from domain.idempotency import Outcome
from domain.post import post
from domain.transaction import Leg, TransactionType
from domain.wallet import Wallet
from service_layer.bound import without_strangers
from service_layer.command import Command
from service_layer.money_command import MoneyCommand
from service_layer.post_batch import Mode, PostBatch
from service_layer.run_batch import claims_of, decide
from service_layer.withdraw import Withdraw
from tests.builders import (
    a_caller,
    a_key,
    capture_hold,
    change_limits,
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


def test_without_strangers_others_have_nothing_and_may_have_all() -> None:
    stage, account, (ada, bob, eve), _ = a_town()
    with stage.container.unit_of_work() as unit:
        books = unit.open_books(claims_of([transfer(ada, bob, 1), transfer(ada, eve, 1)]))
        rich = replace(books.wallets[bob], balance=7, held=3, max_balance=8)
        books.wallets[bob] = rich
        seen = without_strangers(books, claims_of([transfer(ada, bob, 1)]), account)
        assert seen.wallets == {
            ada: books.wallets[ada],
            bob: replace(rich, balance=0, held=0, max_balance=None),
        }
        assert books.wallets[bob] == rich


ROOMS = st.tuples(st.integers(100, 180), st.integers(100, 180))


@hypothesis.given(st.lists(STEP, min_size=1, max_size=4), ROOMS, ROOMS, st.booleans())
@hypothesis.settings(max_examples=150, deadline=None)
def test_what_costs_nothing_tells_nothing_of_what_others_have(
    steps: list[Any], rooms: tuple[int, int], other_rooms: tuple[int, int], split_up: bool
) -> None:
    """In two worlds that differ in what others may have, all that is refused is refused in the same words."""
    town = a_town()
    stage, account, wallets, holds = town
    told = set()
    command: Command
    if split_up:
        first, second = (1 + step[2] % 2 for step in (steps[0], steps[-1]))
        shares = ((wallets[first], steps[0][3]), (wallets[second], None))
        command = split(wallets[0], 90, *shares[: 1 if first == second else 2])
        command = replace(command, caller=bound(account))
    else:
        parts = tuple(a_command(step, account, wallets, holds) for step in steps)
        command = PostBatch(id=new_id(), caller=bound(account), mode=Mode.ATOMIC, operations=parts)
    for each in (rooms, other_rooms):
        with stage.container.unit_of_work() as unit:
            books = unit.open_books(claims_of([command]))
            for wallet, room in zip(wallets[1:], each, strict=True):
                if wallet in books.wallets:
                    books.wallets[wallet] = replace(books.wallets[wallet], max_balance=room)
            refused = decide(command, books).refused
        if refused is not None:
            told.add((refused.code, refused.detail, str(refused.data)))
    assert len(told) <= 1


def test_a_batch_that_fails_anyway_says_so_whether_others_could_be_paid_or_not() -> None:
    stage, account, (ada, bob, _), _ = a_town()
    stage.run(change_limits(bob, max_balance=150))
    for amount in (20, 80):
        operations = (
            transfer(ada, bob, amount, caller=bound(account)),
            transfer(ada, bob, 1000, caller=bound(account)),
        )
        batch = PostBatch(
            id=new_id(), caller=bound(account), mode=Mode.ATOMIC, operations=operations
        )
        (result,) = stage.run(batch)
        assert isinstance(result, Outcome)
        assert isinstance(result.refused, InsufficientFunds)
        assert result.refused.data["index"] == 1
        # Its own books say what was left before it, whatever others could take.
        assert result.refused.data["available"] == 90 - amount


def test_which_of_several_payments_others_could_not_take_is_not_told() -> None:
    stage, account, (ada, bob, eve), _ = a_town()
    stage.run(change_limits(bob, max_balance=150), change_limits(eve, max_balance=100))
    for amount in (20, 80):
        caller = bound(account)
        shares = split(ada, amount + 5, (bob, amount), (eve, None), caller=caller)
        batch = PostBatch(
            id=new_id(),
            caller=bound(account),
            mode=Mode.ATOMIC,
            operations=(
                transfer(ada, bob, amount, caller=bound(account)),
                transfer(ada, eve, 5, caller=bound(account)),
            ),
        )
        for result in stage.run(shares, batch):
            assert isinstance(result, Outcome)
            assert isinstance(result.refused, CannotBePaid)
            assert result.refused.data == {}


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_an_operation_costs_does_not_grow_with_its_batch(
    dry_run: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, account, (ada, _, _), _ = a_town()
    others = [stage.a_wallet() for _ in range(30)]
    looked_at: list[UUID] = []
    blank = service_layer.bound._blank

    def watched(wallet: Wallet, bound_to: UUID) -> Wallet:
        looked_at.append(wallet.id)
        return blank(wallet, bound_to)

    monkeypatch.setattr(service_layer.bound, "_blank", watched)
    operations = tuple(
        transfer(ada, other, 1000, caller=bound(account, dry_run=dry_run)) for other in others
    )
    batch = PostBatch(
        id=new_id(), caller=bound(account), mode=Mode.INDEPENDENT, operations=operations
    )
    stage.run(batch)
    # Each operation names two wallets; a dry run that is refused is decided on two drafts.
    assert 0 < len(looked_at) <= 2 * 2 * len(others)


def test_when_one_alone_was_to_be_paid_it_is_named() -> None:
    stage, account, (ada, bob, _), _ = a_town()
    stage.run(change_limits(bob, max_balance=150))
    (result,) = stage.run(transfer(ada, bob, 80, caller=bound(account)))
    assert isinstance(result, Outcome)
    assert isinstance(result.refused, CannotBePaid)
    assert result.refused.data == {"wallet_id": str(bob)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_dry_run_keeps_nothing(kind: str) -> None:
    stage, account, wallets, holds = a_town()
    before = [stage.balance(wallet) for wallet in wallets]
    stage.run(a_command((kind, 0, 1, 5, True), account, wallets, holds))
    assert [stage.balance(wallet) for wallet in wallets] == before
