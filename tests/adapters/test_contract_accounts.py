"""Accounts that change, on every adapter: what one batch does in what order, and how it is shown after."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from adapters.system import new_id
from domain.errors import (
    AccountClosed,
    AccountFrozen,
    AccountNotEmpty,
    AccountNotFound,
    BalanceLimitExceeded,
    InsufficientFunds,
    SystemWalletNamed,
    VersionConflict,
    WalletExists,
    WalletNotFound,
)
from domain.idempotency import Outcome
from domain.wallet import Status, external_wallet_id
from service_layer.command import Command
from service_layer.read_models import AccountView, WalletView
from service_layer.run_batch import Result, claims_of, decide
from tests.builders import (
    a_caller,
    change_limits,
    change_status,
    open_account,
    open_wallet,
    place_hold,
    replenish,
    transfer,
    update_account,
    void_hold,
    withdraw,
)
from tests.stage import Stage

FROZEN, ACTIVE, CLOSED = Status.FROZEN, Status.ACTIVE, Status.CLOSED


def an_account(stage: Stage, balance: int = 0) -> tuple[UUID, UUID]:
    """A new account and its wallet, with that much money in it."""
    wallet_id = stage.a_wallet(balance)
    return wallet(stage, wallet_id).account_id, wallet_id


def wallet(stage: Stage, wallet_id: UUID) -> WalletView:
    view: WalletView = stage.container.queries().wallet(wallet_id)
    return view


def account(stage: Stage, account_id: UUID) -> AccountView:
    view: AccountView = stage.container.queries().account(account_id)
    return view


def an_outcome(result: Result) -> Outcome:
    assert isinstance(result, Outcome), result
    return result


def refusals(results: list[Result]) -> list[type | None]:
    return [type(each.refused) if each.refused else None for each in map(an_outcome, results)]


def bodies(results: list[Result]) -> list[Any]:
    return [an_outcome(each).body for each in results]


# One batch, in its order.


def test_an_overdraft_may_be_spent_by_the_next_command(stage: Stage) -> None:
    _, ada = an_account(stage, 10)
    bob = stage.a_wallet()
    results = stage.run(
        transfer(ada, bob, 60),
        change_limits(ada, overdraft_limit=50),
        transfer(ada, bob, 60),
        change_limits(ada, overdraft_limit=49),
        replenish(ada, 1),
        change_limits(ada, overdraft_limit=49),
        withdraw(ada, 1),
    )
    assert refusals(results) == [
        InsufficientFunds, None, None, InsufficientFunds, None, None, InsufficientFunds,
    ]  # fmt: skip
    shown = wallet(stage, ada)
    assert (shown.balance, shown.overdraft_limit, stage.balance(bob)) == (-49, 49, 60)


def test_a_maximum_holds_from_the_next_command_on(stage: Stage) -> None:
    _, ada = an_account(stage, 10)
    results = stage.run(
        replenish(ada, 50),
        change_limits(ada, max_balance=59),
        change_limits(ada, max_balance=60),
        replenish(ada, 1),
        withdraw(ada, 20),
        replenish(ada, 20),
        change_limits(ada, max_balance=None),
        replenish(ada, 1),
        change_limits(ada, max_balance=61),
    )
    assert refusals(results) == [
        None, BalanceLimitExceeded, None, BalanceLimitExceeded, None, None, None, None, None,
    ]  # fmt: skip
    assert (wallet(stage, ada).balance, wallet(stage, ada).max_balance) == (61, 61)


def test_freezing_stops_what_comes_after_it_and_nothing_before(stage: Stage) -> None:
    id, ada = an_account(stage, 100)
    bob = stage.a_wallet(50)
    hold = place_hold(ada, 10)
    results = stage.run(
        transfer(ada, bob, 1),
        hold,
        change_status(id, FROZEN),
        transfer(ada, bob, 2),
        withdraw(ada, 2),
        place_hold(ada, 2),
        transfer(bob, ada, 4),
        replenish(ada, 8),
        void_hold(hold.id),
        change_status(id, ACTIVE),
        transfer(ada, bob, 16),
    )
    assert refusals(results) == [
        None, None, None, AccountFrozen, AccountFrozen, AccountFrozen, None, None, None, None, None,
    ]  # fmt: skip
    assert (stage.balance(ada), stage.balance(bob)) == (95, 63)
    assert (account(stage, id).status, account(stage, id).version) == ("active", 3)


def test_a_new_wallet_is_frozen_with_its_account_whichever_was_first(stage: Stage) -> None:
    id, _ = an_account(stage)
    early, late = open_wallet(id, "EUR"), open_wallet(id, "JPY")
    stage.run(early, replenish(early.id, 5, currency="EUR"), change_status(id, FROZEN), late)
    shown = account(stage, id)
    assert [(each.currency, each.status) for each in shown.wallets] == [
        ("USD", "frozen"), ("EUR", "frozen"), ("JPY", "frozen"),
    ]  # fmt: skip
    assert refusals(stage.run(withdraw(early.id, 1, currency="EUR"))) == [AccountFrozen]
    assert refusals(stage.run(replenish(late.id, 1, currency="JPY"))) == [None]


def test_an_account_is_closed_when_it_has_been_emptied(stage: Stage) -> None:
    id, ada = an_account(stage, 100)
    euros = open_wallet(id)
    hold = place_hold(ada, 40)
    results = stage.run(
        euros,
        replenish(euros.id, 5, currency="EUR"),
        hold,
        withdraw(ada, 60),
        change_status(id, CLOSED),
        void_hold(hold.id),
        withdraw(ada, 40),
        change_status(id, CLOSED),
        withdraw(euros.id, 5, currency="EUR"),
        change_status(id, CLOSED),
        replenish(ada, 1),
        change_status(id, ACTIVE),
        open_wallet(id, "JPY"),
        change_limits(ada, overdraft_limit=1),
        change_status(id, CLOSED),
    )
    assert refusals(results) == [
        None, None, None, None, AccountNotEmpty, None, None, AccountNotEmpty, None, None,
        AccountClosed, AccountClosed, AccountClosed, AccountClosed, None,
    ]  # fmt: skip
    shown = account(stage, id)
    assert (shown.status, shown.version) == ("closed", 2)
    assert {each.status for each in shown.wallets} == {"closed"}


def test_what_expired_holds_had_reserved_keeps_no_account_open(stage: Stage) -> None:
    id, ada = an_account(stage, 10)
    stage.execute(change_limits(ada, overdraft_limit=5))
    stage.execute(place_hold(ada, 5, expires_at=stage.clock.now + timedelta(seconds=1)))
    stage.execute(withdraw(ada, 10))
    assert refusals(stage.run(change_status(id, CLOSED))) == [AccountNotEmpty]
    stage.clock.move(seconds=1)
    closed = stage.run(change_status(id, CLOSED))
    assert refusals(closed) == [None]
    assert bodies(closed) == [account(stage, id).to_json()]


def test_of_two_wallets_of_one_currency_the_second_is_refused(stage: Stage) -> None:
    id, dollars = an_account(stage)
    first = open_wallet(id, "EUR")
    results = stage.run(first, open_wallet(id, "EUR"), open_wallet(id, "USD"))
    assert refusals(results) == [None, WalletExists, WalletExists]
    assert [an_outcome(each).refused.data for each in results[1:]] == [  # type: ignore[union-attr]
        {"wallet_id": str(first.id)}, {"wallet_id": str(dollars)},
    ]  # fmt: skip
    assert refusals(stage.run(open_wallet(id, "EUR"))) == [WalletExists]


def test_changes_of_one_account_follow_each_other(stage: Stage) -> None:
    id, _ = an_account(stage)
    results = stage.run(
        update_account(id, 1, name="Eva"),
        update_account(id, 1, name="Eve"),
        change_status(id, FROZEN),
        update_account(id, 3, metadata={"b": "2", "a": "1"}),
        update_account(id, 4, metadata={"c": "3"}),
        change_status(id, CLOSED),
        update_account(id, 6, name="Nobody", metadata={}),
    )
    assert refusals(results) == [None, VersionConflict, None, None, None, None, None]
    shown = account(stage, id)
    assert (shown.name, shown.metadata, shown.status, shown.version) == (
        "Nobody", {}, "closed", 7,
    )  # fmt: skip


def test_several_accounts_change_in_one_batch(stage: Stage) -> None:
    opened = [open_account(reference=name) for name in ("ada", "bob", "eve")]
    stage.run(*opened)
    stage.run(
        change_status(opened[2].id, FROZEN),
        update_account(opened[0].id, name="O'Neil; \\ {}", metadata={"k": 'a"b'}),
        open_wallet(opened[1].id),
    )
    shown = [account(stage, each.id) for each in opened]
    assert [(each.name, each.status, each.version, len(each.wallets)) for each in shown] == [
        ("O'Neil; \\ {}", "active", 2, 1), ("Ada", "active", 1, 2), ("Ada", "frozen", 2, 1),
    ]  # fmt: skip
    assert [each.reference for each in shown] == ["ada", "bob", "eve"]
    assert shown[0].metadata == {"k": 'a"b'}


def test_an_account_that_was_just_opened_can_be_changed_by_the_same_batch(stage: Stage) -> None:
    command = open_account()
    euros = open_wallet(command.id)
    results = stage.run(
        open_wallet(command.id, "JPY"),
        command,
        euros,
        change_limits(euros.id, overdraft_limit=5),
        withdraw(euros.id, 5, currency="EUR"),
        change_status(command.id, FROZEN),
        update_account(command.id, 2, name="Eve"),
    )
    assert refusals(results) == [AccountNotFound, None, None, None, None, None, None]
    shown = account(stage, command.id)
    assert (shown.name, shown.status, shown.version) == ("Eve", "frozen", 3)
    assert [(each.balance, each.status) for each in shown.wallets] == [
        (0, "frozen"),
        (-5, "frozen"),
    ]
    assert bodies(results)[-1] == shown.to_json()


def test_what_does_not_exist_is_not_found(stage: Stage) -> None:
    nobody, system = new_id(), external_wallet_id("USD")
    results = stage.run(
        update_account(nobody),
        change_status(nobody, FROZEN),
        open_wallet(nobody),
        change_limits(nobody, overdraft_limit=1),
        change_limits(system, overdraft_limit=1),
        withdraw(nobody),
        withdraw(system),
    )
    assert refusals(results) == [
        AccountNotFound, AccountNotFound, AccountNotFound, WalletNotFound, SystemWalletNamed,
        WalletNotFound, SystemWalletNamed,
    ]  # fmt: skip


def test_a_claim_of_an_account_is_one_of_all_its_wallets(stage: Stage) -> None:
    id, ada = an_account(stage, 7)
    euros = open_wallet(id)
    stage.execute(euros)
    nobody = new_id()
    with stage.container.unit_of_work() as unit:
        books = unit.open_books(claims_of([update_account(id), update_account(nobody)]))
    assert set(books.wallets) == set(books.row_times) == {ada, euros.id}
    assert (books.account_wallets, set(books.accounts)) == ({id: (ada, euros.id)}, {id})


def test_leaving_without_commit_changes_no_account(stage: Stage) -> None:
    id, ada = an_account(stage, 7)
    before = account(stage, id)
    commands: list[Command] = [
        change_status(id, FROZEN), open_wallet(id), change_limits(ada, max_balance=9),
    ]  # fmt: skip
    with stage.container.unit_of_work() as unit:
        books = unit.open_books(claims_of(commands))
        for command in commands:
            decide(command, books)
        unit.write(books)
    assert account(stage, id) == before


# What is answered, and shown after it.


def changes(id: UUID, wallet_id: UUID) -> dict[str, Command]:
    return {
        "a name": update_account(id, name="Eve", metadata={"b": "2", "a": "1"}),
        "no change": update_account(id),
        "a frozen account": change_status(id, FROZEN),
        "an active account": change_status(id, ACTIVE),
        "a closed account": change_status(id, CLOSED),
        "limits": change_limits(wallet_id, overdraft_limit=70, max_balance=80),
        "the same limits": change_limits(wallet_id, overdraft_limit=0),
        "a wallet": open_wallet(id, overdraft_limit=3, max_balance=4),
    }


@pytest.mark.parametrize("name", changes(new_id(), new_id()))
@pytest.mark.parametrize("seconds", [3600, 0, -7200])
def test_the_answer_is_what_is_shown_from_then_on(stage: Stage, name: str, seconds: int) -> None:
    """To the microsecond, though the clock is set back: ETags are made of it."""
    id, ada = an_account(stage, 5)
    stage.execute(withdraw(ada, 5))
    stage.clock.move(seconds=seconds)
    command = changes(id, ada)[name]
    outcome = stage.execute(command)
    assert outcome.body is not None
    shown = wallet(stage, command.id) if name == "a wallet" else account(stage, id)
    assert outcome.body == (wallet(stage, ada) if "limits" in name else shown).to_json()


@pytest.mark.parametrize("name", changes(new_id(), new_id()))
def test_after_payments_of_the_same_batch_too(stage: Stage, name: str) -> None:
    """The clock has been set back since the account was last changed; nothing shown goes back with it."""
    id, ada = an_account(stage)
    stage.clock.move(hours=1)
    stage.run(change_status(id, FROZEN), change_status(id, ACTIVE))
    stage.clock.move(hours=-1)
    before = wallet(stage, ada)
    command = changes(id, ada)[name] if "account" not in name else change_status(id, ACTIVE)
    if isinstance(command, type(update_account(id))):
        command = update_account(id, 3, name=command.name, metadata=command.metadata)
    *_, answered = bodies(stage.run(replenish(ada, 9), withdraw(ada, 9), command))
    if name == "a wallet":
        assert answered == wallet(stage, command.id).to_json()
    else:
        shown = wallet(stage, ada) if "limits" in name else account(stage, id)
        assert answered == shown.to_json()
    assert wallet(stage, ada).updated_at >= before.updated_at


def test_a_wallets_last_change_is_never_earlier_than_one_before(stage: Stage) -> None:
    id, ada = an_account(stage)
    seen = [wallet(stage, ada).updated_at]
    steps: list[list[Command]] = [
        [change_status(id, FROZEN)],
        [change_status(id, ACTIVE)],
        [replenish(ada, 9)],
        [change_status(id, FROZEN), change_status(id, ACTIVE), place_hold(ada, 1)],
        [change_limits(ada, max_balance=99)],
        [withdraw(ada, 1), open_wallet(id)],
    ]
    for seconds, commands in zip((60, -30, -30, 10, -20, 1), steps, strict=True):
        stage.clock.move(seconds=seconds)
        assert set(refusals(stage.run(*commands))) == {None}
        seen.append(wallet(stage, ada).updated_at)
    assert seen == sorted(seen)


def test_wallets_are_listed_by_their_ids_in_whatever_order_they_were_opened(stage: Stage) -> None:
    id, ada = an_account(stage)
    first, second = open_wallet(id, "EUR"), open_wallet(id, "JPY")
    answers = stage.run(second, first, change_status(id, FROZEN))
    ids = [str(each) for each in (ada, first.id, second.id)]
    assert [each["id"] for each in bodies(answers)[-1]["wallets"]] == ids
    assert bodies(answers)[-1] == account(stage, id).to_json()


@pytest.mark.parametrize("name", changes(new_id(), new_id()))
def test_sent_again_a_change_is_answered_as_it_was_and_done_once(stage: Stage, name: str) -> None:
    id, ada = an_account(stage)

    def again() -> Outcome:
        command: Any = changes(id, ada)[name]
        return stage.execute(replace(command, caller=a_caller("k")))

    first = again()
    stage.run(replenish(ada, 1), withdraw(ada, 1), update_account(id, account(stage, id).version))
    before = account(stage, id)
    second = again()
    assert (first.replayed, second.replayed) == (False, True)
    assert list(second.body or ()) == list(first.body or ("",))
    assert second.body == first.body
    assert account(stage, id) == before


# Currencies.


def test_a_wallet_goes_on_when_its_currency_is_no_longer_enabled(stage: Stage) -> None:
    id, _ = an_account(stage)
    yen = open_wallet(id, "JPY")
    stage.run(yen, replenish(yen.id, 50, currency="JPY"))
    other = stage.a_wallet(currency="JPY")
    stage.container.currencies.override(frozenset({"USD", "EUR"}))
    hold = place_hold(yen.id, 5, currency="JPY")
    results = stage.run(
        transfer(yen.id, other, 10, currency="JPY"),
        withdraw(yen.id, 10, currency="JPY"),
        replenish(yen.id, 1, currency="JPY"),
        hold,
        void_hold(hold.id),
        change_limits(yen.id, overdraft_limit=7),
        change_status(id, FROZEN),
    )
    assert refusals(results) == [None] * 7
    assert (stage.balance(yen.id), stage.balance(other)) == (31, 10)
