"""Two processes at one account at the same moment: the second sees what the first has done."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from domain.errors import (
    AccountClosed,
    AccountFrozen,
    AccountNotEmpty,
    BalanceLimitExceeded,
    InsufficientFunds,
    VersionConflict,
    WalletExists,
)
from domain.wallet import Status
from service_layer.command import Command
from service_layer.open_wallet import OpenWallet
from service_layer.read_models import AccountView
from service_layer.run_batch import claims_of, decide
from tests.builders import (
    capture_hold,
    change_limits,
    change_status,
    open_wallet,
    place_hold,
    replenish,
    transfer,
    update_account,
    void_hold,
    withdraw,
)
from tests.concurrency.rig import a_rival, until_somebody_waits_for_a_lock
from tests.concurrency.test_holds import at_once, refused
from tests.stage import Stage

SECONDS_MAX = 60
Act = Callable[[UUID, UUID], Command]


def freeze(account: UUID, _wallet: UUID) -> Command:
    return change_status(account, Status.FROZEN)


def close(account: UUID, _wallet: UUID) -> Command:
    return change_status(account, Status.CLOSED)


def pay_in(_account: UUID, wallet: UUID) -> Command:
    return replenish(wallet, 5)


def pay_out(_account: UUID, wallet: UUID) -> Command:
    return withdraw(wallet, 5)


def hold(_account: UUID, wallet: UUID) -> Command:
    return place_hold(wallet, 5)


def open_euros(account: UUID, _wallet: UUID) -> Command:
    return open_wallet(account)


def rename(account: UUID, _wallet: UUID) -> Command:
    return update_account(account, 1, name="Eve")


def allow_no_overdraft(_account: UUID, wallet: UUID) -> Command:
    return change_limits(wallet, overdraft_limit=0)


def allow_no_more(_account: UUID, wallet: UUID) -> Command:
    return change_limits(wallet, max_balance=0)


# Ada's wallet has an overdraft limit of 5 and nothing in it.
RACES: dict[str, tuple[Act, Act, type | None]] = {
    "frozen, then paid out": (freeze, pay_out, AccountFrozen),
    "paid out, then frozen": (pay_out, freeze, None),
    "frozen, then held": (freeze, hold, AccountFrozen),
    "frozen, then paid in": (freeze, pay_in, None),
    "closed, then paid in": (close, pay_in, AccountClosed),
    "paid in, then closed": (pay_in, close, AccountNotEmpty),
    "held, then closed": (hold, close, AccountNotEmpty),
    "closed, then a wallet": (close, open_euros, AccountClosed),
    "two wallets of one currency": (open_euros, open_euros, WalletExists),
    "closed, then frozen": (close, freeze, AccountClosed),
    "frozen twice": (freeze, freeze, None),
    "renamed twice": (rename, rename, VersionConflict),
    "frozen, then renamed": (freeze, rename, VersionConflict),
    "paid out, then no overdraft": (pay_out, allow_no_overdraft, InsufficientFunds),
    "no overdraft, then paid out": (allow_no_overdraft, pay_out, InsufficientFunds),
    "paid in, then no more": (pay_in, allow_no_more, BalanceLimitExceeded),
    "no more, then paid in": (allow_no_more, pay_in, BalanceLimitExceeded),
    "no more, then frozen": (allow_no_more, freeze, None),
}


def account_of(stage: Stage, wallet: UUID) -> AccountView:
    queries = stage.container.queries()
    account: AccountView = queries.account(queries.wallet(wallet).account_id)
    return account


@pytest.mark.parametrize(("first", "second", "error"), RACES.values(), ids=RACES)
def test_of_two_at_once_the_second_sees_what_the_first_has_done(
    postgres_stage: Stage, first: Act, second: Act, error: type | None
) -> None:
    stage = postgres_stage
    ada = stage.a_wallet()
    stage.execute(change_limits(ada, overdraft_limit=5))
    account = account_of(stage, ada).id
    one, other = at_once(stage, first(account, ada), lambda: stage.execute(second(account, ada)))
    assert (refused(one), refused(other)) == (None, error)


def test_a_wallet_that_was_opened_while_the_account_was_being_frozen_is_frozen_too(
    postgres_stage: Stage,
) -> None:
    stage = postgres_stage
    account = account_of(stage, stage.a_wallet()).id
    opened = open_wallet(account)
    one, other = at_once(
        stage, opened, lambda: stage.execute(change_status(account, Status.FROZEN))
    )
    assert (refused(one), refused(other)) == (None, None)
    shown = stage.container.queries().account(account)
    assert [each.status for each in shown.wallets] == ["frozen", "frozen"]
    assert other.body == shown.to_json()


def test_payments_do_not_wait_for_a_change_of_another_account(postgres_stage: Stage) -> None:
    stage = postgres_stage
    ada, bob, eve = (stage.a_wallet(100) for _ in range(3))
    frozen = change_status(account_of(stage, ada).id, Status.FROZEN)
    with a_rival(stage) as rival, rival.container.unit_of_work() as unit:
        unit.open_books(claims_of([frozen]))
        assert refused(stage.execute(transfer(bob, eve, 5))) is None


def test_a_hold_for_a_wallet_waits_for_its_account_alone(postgres_stage: Stage) -> None:
    """Its foreign keys ask for no lock that a change of the account would refuse."""
    stage = postgres_stage
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    one, other = at_once(
        stage,
        change_status(account_of(stage, bob).id, Status.FROZEN),
        lambda: stage.execute(place_hold(ada, 5, destination_wallet_id=bob)),
    )
    assert (refused(one), refused(other)) == (None, None)


def test_batches_that_lock_accounts_and_wallets_crosswise_do_not_deadlock(
    postgres_stage: Stage,
) -> None:
    """One freezes Ada and pays Bob's wallet, the other freezes Bob and pays Ada's."""
    stage = postgres_stage
    ada, bob = stage.a_wallet(100), stage.a_wallet(100)
    accounts = [account_of(stage, each).id for each in (ada, bob)]
    first = [replenish(bob, 1), change_status(accounts[0], Status.FROZEN)]
    second = [replenish(ada, 1), change_status(accounts[1], Status.FROZEN)]
    with a_rival(stage) as rival, ThreadPoolExecutor(1) as pool:
        with rival.container.unit_of_work() as unit:
            books = unit.open_books(claims_of(first))
            for command in first:
                decide(command, books)
            waiting = pool.submit(stage.run, *second)
            until_somebody_waits_for_a_lock(stage.url or "")
            unit.write(books)
            unit.commit()
        outcomes = waiting.result(SECONDS_MAX)
    assert [refused(each) for each in outcomes] == [None, None]  # type: ignore[arg-type]
    assert [account_of(stage, each).status for each in (ada, bob)] == ["frozen", "frozen"]
    assert (stage.balance(ada), stage.balance(bob)) == (101, 101)


THREADS, ROUNDS = 4, 30


def test_whatever_happens_at_once_the_books_add_up(postgres_stage: Stage) -> None:
    """Everything that an account can go through, in two processes, on three accounts."""
    stage = postgres_stage
    wallets = [stage.a_wallet(300) for _ in range(3)]
    accounts = [account_of(stage, each).id for each in wallets]
    placed: list[UUID] = []
    together = Barrier(2 * THREADS)

    def one_thread(service: Stage, number: int) -> Counter[Any]:
        chance = random.Random(number)
        counted: Counter[Any] = Counter()
        together.wait(SECONDS_MAX)
        for _ in range(ROUNDS):
            command = a_command(chance, accounts, wallets, placed, stage)
            outcome = service.execute(command)
            counted[type(outcome.refused)] += 1
            if outcome.refused is None and hasattr(command, "expires_at"):
                placed.append(command.id)
            if outcome.refused is None and isinstance(command, OpenWallet):
                counted[command.account_id] += 1
            for posting in outcome.transaction.postings if outcome.transaction else ():
                counted[posting.wallet_id] += posting.amount
        return counted

    with a_rival(stage) as rival, ThreadPoolExecutor(2 * THREADS) as pool:
        work = [
            pool.submit(one_thread, (stage, rival)[number % 2], number)
            for number in range(2 * THREADS)
        ]
        counted: Counter[Any] = Counter()
        for each in work:
            counted.update(each.result(SECONDS_MAX))
    assert [stage.balance(wallet) for wallet in wallets] == [
        300 + counted[wallet] for wallet in wallets
    ]
    assert {AccountFrozen, AccountNotEmpty, WalletExists, type(None)} <= set(counted)
    for wallet in wallets:
        account = account_of(stage, wallet)
        assert len(account.wallets) == 1 + counted[account.id] <= 2
        assert {each.status for each in account.wallets} == {account.status}


def a_command(
    chance: random.Random,
    accounts: list[UUID],
    wallets: list[UUID],
    placed: list[UUID],
    stage: Stage,
) -> Command:
    account = chance.choice(accounts)
    source, destination = chance.sample(wallets, 2)
    held = chance.choice(placed[-8:]) if placed else source
    until = stage.clock.now + timedelta(hours=1)
    choices: list[Callable[[], Command]] = [
        lambda: transfer(source, destination, chance.randint(1, 120)),
        lambda: withdraw(source, chance.randint(1, 60)),
        lambda: replenish(source, chance.randint(1, 60)),
        lambda: place_hold(
            source, chance.randint(1, 90), destination_wallet_id=destination, expires_at=until
        ),
        lambda: capture_hold(held, chance.randint(1, 60), final=False),
        lambda: void_hold(held),
        lambda: change_status(account, Status.FROZEN),
        lambda: change_status(account, Status.ACTIVE),
        lambda: change_status(account, Status.CLOSED),
        lambda: update_account(account, chance.randint(1, 9), name=f"N{chance.random()}"),
        lambda: open_wallet(account),
        lambda: change_limits(source, overdraft_limit=chance.randint(0, 99)),
        lambda: change_limits(source, max_balance=chance.choice([None, 300, 600])),
    ]
    return chance.choices(choices, weights=[4, 2, 3, 3, 3, 1, 1, 2, 1, 1, 3, 2, 2])[0]()
