"""The contract of looking back: balances at an instant, statements of a period, on every adapter alike."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import hypothesis
import pytest
from hypothesis import strategies as st

from adapters.system import new_id
from domain.errors import WalletNotFound
from domain.period import FINAL_AFTER, Period
from domain.statement import Line, Statement
from domain.wallet import external_wallet_id
from service_layer.history import History, lines_of
from tests.builders import journal, replenish, transfer
from tests.stage import Stage

MOMENT = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)


def history_of(stage: Stage) -> History:
    history: History = stage.container.history()
    return history


def balance_at(stage: Stage, wallet_id: UUID, at: datetime | None) -> int:
    return history_of(stage).balance(wallet_id, at=at).balance


def statement_of(
    stage: Stage, wallet_id: UUID, from_time: datetime, to_time: datetime
) -> tuple[Statement, list[Line]]:
    period = Period(from_time=from_time, to_time=to_time)
    statement = history_of(stage).statement(wallet_id, period)
    return statement, list(lines_of(history_of(stage), statement))


def test_a_posting_counts_from_its_very_instant_on(stage: Stage) -> None:
    ada, posted_at = stage.a_wallet(7), stage.clock.now
    stage.clock.move(minutes=1)
    assert balance_at(stage, ada, posted_at - MOMENT) == 0
    assert balance_at(stage, ada, posted_at) == 7
    assert balance_at(stage, ada, posted_at + MOMENT) == 7


def test_without_an_instant_it_is_the_balance_of_now(stage: Stage) -> None:
    ada = stage.a_wallet(7)
    stage.clock.move(minutes=1)
    view = history_of(stage).balance(ada, at=None)
    assert (view.balance, view.currency, view.wallet_id) == (7, "USD", ada)
    assert view.at == view.known_until == stage.clock.now


def test_now_is_not_before_the_last_posting_however_slow_the_clock(stage: Stage) -> None:
    ada, posted_at = stage.a_wallet(7), stage.clock.now
    stage.clock.move(minutes=-5)
    view = history_of(stage).balance(ada, at=None)
    assert (view.balance, view.at, view.known_until) == (7, posted_at, posted_at)


def test_a_wallet_without_postings_has_nothing_at_any_time(stage: Stage) -> None:
    ada, now = stage.a_wallet(), stage.clock.now
    assert balance_at(stage, ada, None) == balance_at(stage, ada, now - MINUTE) == 0
    statement, lines = statement_of(stage, ada, now - MINUTE, now + MINUTE)
    assert (statement.opening_balance, statement.closing_balance, statement.movements) == (0, 0, 0)
    assert lines == []


def test_wallets_that_are_nobodys_are_not_found(stage: Stage) -> None:
    stage.a_wallet(7)
    period = Period(from_time=stage.clock.now - MINUTE, to_time=stage.clock.now)
    for wallet_id in (new_id(), external_wallet_id("USD")):
        for at in (None, stage.clock.now):
            with pytest.raises(WalletNotFound) as refused:
                history_of(stage).balance(wallet_id, at=at)
            assert refused.value.data == {"wallet_id": str(wallet_id)}
        with pytest.raises(WalletNotFound):
            history_of(stage).statement(wallet_id, period)


def test_a_statement_begins_with_what_was_there_then_shows_each_movement(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    stage.clock.move(minutes=1)
    first_at = stage.clock.now
    first = transfer(ada, bob, 30, reference="rent")
    stage.execute(first)
    stage.clock.move(minutes=1)
    second = replenish(ada, 5)
    stage.execute(second)
    statement, lines = statement_of(stage, ada, first_at, first_at + 2 * MINUTE)
    assert (statement.opening_balance, statement.closing_balance) == (100, 75)
    assert (statement.account_name, statement.currency, statement.exponent) == ("Ada", "USD", 2)
    assert statement.movements == 2
    assert lines == [
        Line(
            wallet_version=2,
            created_at=first_at,
            type="transfer",
            transaction_id=first.id,
            reference="rent",
            description=None,
            amount=-30,
            balance_after=70,
        ),
        Line(
            wallet_version=3,
            created_at=first_at + MINUTE,
            type="replenishment",
            transaction_id=second.id,
            reference=None,
            description=None,
            amount=5,
            balance_after=75,
        ),
    ]


def test_a_period_begins_at_from_then_ends_before_to(stage: Stage) -> None:
    ada, posted_at = stage.a_wallet(7), stage.clock.now
    _, at_from = statement_of(stage, ada, posted_at, posted_at + MOMENT)
    closed, at_to = statement_of(stage, ada, posted_at - MINUTE, posted_at)
    opened, after = statement_of(stage, ada, posted_at + MOMENT, posted_at + MINUTE)
    assert [line.amount for line in at_from] == [7]
    assert (closed.closing_balance, at_to) == (0, [])
    assert (opened.opening_balance, after) == (7, [])


def test_a_wallet_in_several_legs_of_one_transaction_has_a_line_for_each(stage: Stage) -> None:
    ada, bob, posted_at = stage.a_wallet(10), stage.a_wallet(), stage.clock.now + MINUTE
    stage.clock.move(minutes=1)
    stage.execute(journal((ada, -4), (bob, 3), (ada, -2), (bob, 3)))
    statement, lines = statement_of(stage, ada, posted_at, posted_at + MOMENT)
    assert [(line.amount, line.balance_after) for line in lines] == [(-4, 6), (-2, 4)]
    assert (statement.opening_balance, statement.closing_balance) == (10, 4)
    assert balance_at(stage, ada, posted_at) == 4
    assert balance_at(stage, ada, posted_at - MOMENT) == 10


def test_a_period_is_final_once_nothing_can_be_added_to_it(stage: Stage) -> None:
    ada, to_time = stage.a_wallet(7), stage.clock.now
    finals = []
    for moved in (timedelta(0), FINAL_AFTER - MOMENT, MOMENT):
        stage.clock.now += moved
        finals.append(statement_of(stage, ada, to_time - MINUTE, to_time)[0].final)
    assert finals == [False, False, True]


def test_what_is_posted_while_a_statement_is_read_is_not_on_it(stage: Stage) -> None:
    ada, now = stage.a_wallet(7), stage.clock.now
    history = history_of(stage)
    statement = history.statement(ada, Period(from_time=now, to_time=now + MINUTE))
    stage.execute(replenish(ada, 5))
    assert [line.amount for line in lines_of(history, statement)] == [7]


def test_a_statement_is_read_some_lines_at_a_time(stage: Stage) -> None:
    ada, now = stage.a_wallet(), stage.clock.now
    stage.run(*(replenish(ada, amount) for amount in range(1, 6)))
    history = history_of(stage)
    statement = history.statement(ada, Period(from_time=now, to_time=now + MINUTE))
    pages = [history.lines(statement, after=after, limit=2) for after in (0, 2, 4, 5)]
    assert [[line.amount for line in page] for page in pages] == [[1, 2], [3, 4], [5], []]


@dataclass(frozen=True)
class Moved:
    """What the model remembers of a posting on the wallet."""

    at: datetime
    amount: int


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["in", "out", "both", "elsewhere"]),
        st.integers(1, 50),
        st.sampled_from([0, 0, 1, 60, -3]),  # seconds by which the clock moves, backwards too
    ),
    max_size=12,
)


def live(stage: Stage, steps: list[tuple[str, int, int]]) -> tuple[UUID, list[Moved]]:
    """Take the steps on a wallet; gives what happened to it."""
    ada, bob = stage.a_wallet(), stage.a_wallet(1000)
    moved: list[Moved] = []
    for kind, amount, seconds in steps:
        stage.clock.move(seconds=seconds)
        command = {
            "in": lambda amount=amount: replenish(ada, amount),
            "out": lambda amount=amount: transfer(ada, bob, amount),
            "both": lambda amount=amount: journal((ada, amount), (bob, -1), (ada, 1 - amount)),
            "elsewhere": lambda amount=amount: replenish(bob, amount),
        }[kind]
        if kind == "both" and amount == 1:
            continue
        outcome = stage.execute(command())
        for posting in outcome.transaction.postings if outcome.transaction else ():
            if posting.wallet_id == ada:
                moved.append(Moved(outcome.transaction.created_at, posting.amount))
    return ada, moved


@hypothesis.settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(steps=STEPS, data=st.data())
def test_balances_or_statements_are_what_a_model_says(
    stage: Stage, steps: list[tuple[str, int, int]], data: st.DataObject
) -> None:
    start = stage.clock.now
    ada, moved = live(stage, steps)
    instants = {start - MINUTE, start, stage.clock.now + timedelta(hours=1)}
    instants |= {each.at + by for each in moved for by in (-MOMENT, timedelta(0), MOMENT)}
    for at in instants:
        assert balance_at(stage, ada, at) == sum(each.amount for each in moved if each.at <= at)
    chosen = st.sampled_from(sorted(instants))
    from_time, to_time = sorted(
        data.draw(st.tuples(chosen, chosen).filter(lambda two: two[0] != two[1]))
    )
    statement, lines = statement_of(stage, ada, from_time, to_time)
    inside = [each for each in moved if from_time <= each.at < to_time]
    assert [(line.created_at, line.amount) for line in lines] == [(m.at, m.amount) for m in inside]
    assert statement.opening_balance == sum(each.amount for each in moved if each.at < from_time)
    assert statement.closing_balance == statement.opening_balance + sum(m.amount for m in inside)
    assert statement.movements == len(inside)


@hypothesis.settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(steps=STEPS)
def test_neighbouring_periods_fit_together(stage: Stage, steps: list[tuple[str, int, int]]) -> None:
    start = stage.clock.now - MINUTE
    ada, moved = live(stage, steps)
    end = stage.clock.now + timedelta(hours=1)
    borders = sorted({start, end, *(each.at for each in moved)})
    statements = [statement_of(stage, ada, *two)[0] for two in pairwise(borders)]
    for earlier, later in pairwise(statements):
        assert earlier.closing_balance == later.opening_balance
    assert statements[-1].closing_balance == sum(each.amount for each in moved)
    assert sum(each.movements for each in statements) == len(moved)
