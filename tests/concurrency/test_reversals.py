"""Two processes take back the same original at the same moment: never more than it moved."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any
from uuid import UUID

import psycopg2.errors
import pytest

from adapters.system import new_id
from domain.condition import Condition
from domain.errors import (
    AccountFrozen,
    ExceedsOriginal,
    InsufficientFunds,
    ReferenceTaken,
    TransactionNotFound,
)
from domain.wallet import Status
from service_layer.change_status import ChangeStatus
from service_layer.command import Command
from tests.builders import a_caller, reverse, split, transfer, withdraw
from tests.concurrency.rig import a_stranger, sql, until_somebody_waits_for_a_lock
from tests.concurrency.test_holds import at_once, refused
from tests.concurrency.worker import SPAWN, THREADS, a_process, a_service
from tests.stage import Stage

SECONDS_MAX = 60
TRIES = 12
Act = Callable[[UUID], Command]


def a_payment(stage: Stage) -> tuple[UUID, UUID, UUID]:
    """Ada paid all of her 100 to Bob; the payment's id with their wallets."""
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    payment = transfer(ada, bob, 100)
    stage.execute(payment)
    return payment.id, ada, bob


def part(amount: int, **rest: Any) -> Act:
    return lambda payment: reverse(payment, amount, **rest)


RACES: dict[str, tuple[Act, Act, type | None, int]] = {
    "two of all": (reverse, reverse, ExceedsOriginal, 100),
    "two of more than half": (part(51), part(51), ExceedsOriginal, 51),
    "two that both fit": (part(50), part(50), None, 100),
    "a part, then all that remains": (part(30), reverse, None, 100),
    "two of one reference": (
        part(1, reference="refund"),
        part(2, reference="refund"),
        ReferenceTaken,
        1,
    ),
}


@pytest.mark.parametrize(("first", "second", "error", "back"), RACES.values(), ids=RACES.keys())
def test_of_two_reversals_at_once_the_second_sees_the_first(
    postgres_stage: Stage, first: Act, second: Act, error: type | None, back: int
) -> None:
    stage = postgres_stage
    payment, ada, bob = a_payment(stage)
    one, other = at_once(stage, first(payment), lambda: stage.execute(second(payment)))
    assert (refused(one), refused(other)) == (None, error)
    assert (stage.balance(ada), stage.balance(bob)) == (back, 100 - back)


def test_a_reversal_and_a_payment_cannot_both_have_the_money(postgres_stage: Stage) -> None:
    stage = postgres_stage
    payment, ada, bob = a_payment(stage)
    one, other = at_once(stage, withdraw(bob, 60), lambda: stage.execute(reverse(payment)))
    assert (refused(one), refused(other)) == (None, InsufficientFunds)
    one, other = at_once(stage, reverse(payment, 30), lambda: stage.execute(withdraw(bob, 30)))
    assert (refused(one), refused(other)) == (None, InsufficientFunds)
    assert (stage.balance(ada), stage.balance(bob)) == (30, 10)


def test_nothing_is_taken_from_an_account_that_was_frozen_first(postgres_stage: Stage) -> None:
    stage = postgres_stage
    payment, ada, bob = a_payment(stage)
    account_id = stage.container.queries().wallet(bob).account_id
    freeze = ChangeStatus(
        id=new_id(), caller=a_caller(), account_id=account_id, status=Status.FROZEN
    )
    one, other = at_once(stage, freeze, lambda: stage.execute(reverse(payment)))
    assert (refused(one), refused(other)) == (None, AccountFrozen)
    assert stage.balance(ada) == 0


def test_what_is_committed_while_a_reversal_waits_is_unknown_to_it(postgres_stage: Stage) -> None:
    """It knew of no wallets to lock; what it has not locked it must not touch."""
    stage = postgres_stage
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    payment = transfer(ada, bob, 100)
    waits = replace(a_caller(), conditions=(Condition(wallet_id=ada, available_gte=0),))
    one, other = at_once(stage, payment, lambda: stage.execute(reverse(payment.id, caller=waits)))
    assert (refused(one), refused(other)) == (None, TransactionNotFound)
    assert refused(stage.execute(reverse(payment.id))) is None


WRITE_BEHIND = """
INSERT INTO transaction (id, type, actor, request_id, created_at, reverses)
VALUES (%(id)s, 'reversal', 'a', 'r', '2030-01-01', %(original)s);
INSERT INTO posting
    (transaction_id, leg, wallet_id, amount, currency, balance_after, wallet_version, created_at)
SELECT %(id)s, leg, wallet_id, amount, 'USD', 0, %(version)s, '2030-01-01'
FROM (VALUES (0, %(ada)s::uuid, 60), (1, %(bob)s::uuid, -60)) AS new (leg, wallet_id, amount)
"""


@pytest.mark.damages_the_books
def test_who_writes_behind_the_services_back_waits_for_a_rival_too(postgres_stage: Stage) -> None:
    url = postgres_stage.url or ""
    payment, ada, bob = a_payment(postgres_stage)
    known = {"original": str(payment), "ada": str(ada), "bob": str(bob)}
    with a_stranger(url) as one, a_stranger(url) as other, ThreadPoolExecutor(1) as pool:
        for session, version in ((one, 7), (other, 8)):
            values = known | {"id": str(new_id()), "version": version}
            session.cursor().execute(WRITE_BEHIND, values)
        one.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")  # as a COMMIT begins
        waiting = pool.submit(other.cursor().execute, "SET CONSTRAINTS ALL IMMEDIATE")
        until_somebody_waits_for_a_lock(url)
        one.commit()
        with pytest.raises(psycopg2.errors.CheckViolation) as refused:
            waiting.result(SECONDS_MAX)
    assert refused.value.diag.constraint_name == "transaction_reversals_fit_original"


def take_back(said: Connection, url: str, go: Any, original: UUID, seller: UUID) -> None:
    """From all threads: take back parts of one original, and spend what it paid to one of its wallets."""

    def one_thread(number: int) -> list[tuple[str, int]]:
        done = []
        for turn in range(TRIES):
            amount = 7 + number + turn
            spends = turn % 4 == 3
            command = withdraw(seller, 1) if spends else reverse(original, amount)
            outcome = service.execute(command)
            if outcome.refused is None:
                done.append(("spent", 1) if spends else ("back", amount))
            elif not isinstance(outcome.refused, ExceedsOriginal | InsufficientFunds):
                done.append((repr(outcome.refused), 0))
        return done

    with a_service(url) as service, ThreadPoolExecutor(THREADS) as pool:
        go.wait(30)
        said.send([each for done in pool.map(one_thread, range(THREADS)) for each in done])


def heard(hear: Connection) -> Any:
    assert hear.poll(SECONDS_MAX), "a process said nothing in time"
    return hear.recv()


def test_two_processes_that_take_back_and_spend_never_take_more_than_was_moved(
    postgres_stage: Stage,
) -> None:
    stage = postgres_stage
    buyer, fee, seller = stage.a_wallet(1500), stage.a_wallet(), stage.a_wallet()
    paid = split(buyer, 1500, (fee, "3.3"), (seller, None))
    stage.execute(paid)
    go = SPAWN.Barrier(2)
    with (
        a_process(take_back, stage.url, go, paid.id, seller) as (_, one),
        a_process(take_back, stage.url, go, paid.id, seller) as (_, other),
    ):
        done = heard(one) + heard(other)
    assert {what for what, _ in done} == {"back", "spent"}  # else an error came up
    back = sum(amount for what, amount in done if what == "back")
    spent = sum(amount for what, amount in done if what == "spent")
    assert 1000 < back <= 1500
    assert stage.balance(buyer) == back
    assert stage.balance(fee) + stage.balance(seller) == 1500 - back - spent
    made = sql(
        stage.url or "",
        "SELECT sum(amount)::bigint FROM posting p JOIN transaction t ON t.id = p.transaction_id"
        " WHERE t.reverses = %s AND amount > 0",
        str(paid.id),
    )
    assert made == [(back,)]
    assert stage.findings() == ()
