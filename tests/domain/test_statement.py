"""A statement leads from its opening to its closing balance, line by line, or it is none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import AMOUNT_MINOR_MAX, decimal_text
from domain.period import FINAL_AFTER, Period
from domain.statement import Line, Statement, Totals, adding_up

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
PERIOD = Period(from_time=BEGAN, to_time=BEGAN + timedelta(days=1))
NOBODY = UUID(int=7)
AMOUNTS = st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX).filter(bool)


def a_statement(opening: int, amounts: list[int]) -> tuple[Statement, list[Line]]:
    lines = [
        Line(
            wallet_version=number + 3,
            created_at=BEGAN,
            type="journal",
            transaction_id=NOBODY,
            reference=None,
            description=None,
            amount=amount,
            balance_after=opening + sum(amounts[: number + 1]),
        )
        for number, amount in enumerate(amounts)
    ]
    statement = Statement(
        wallet_id=NOBODY,
        account_id=NOBODY,
        account_name="Ada",
        currency="USD",
        exponent=2,
        period=PERIOD,
        opening_balance=opening,
        opening_version=2,
        closing_balance=opening + sum(amounts),
        closing_version=2 + len(amounts),
        final=True,
    )
    return statement, lines


@given(opening=AMOUNTS, amounts=st.lists(AMOUNTS, max_size=5))
def test_opening_with_all_movements_is_closing(opening: int, amounts: list[int]) -> None:
    statement, lines = a_statement(opening, amounts)
    assert list(adding_up(statement, lines)) == lines
    assert statement.movements == len(amounts)
    totals = Totals()
    for amount in amounts:
        totals.add(amount)
    assert opening + totals.total_in - totals.total_out == statement.closing_balance


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_missing_line_is_noticed(missing: int) -> None:
    statement, lines = a_statement(10, [5, -5, 7])
    del lines[missing]
    with pytest.raises(RuntimeError, match="does not add up"):
        list(adding_up(statement, lines))


@pytest.mark.parametrize("changed", [{"amount": 6}, {"balance_after": 16}, {"wallet_version": 4}])
def test_a_changed_line_is_noticed(changed: dict[str, int]) -> None:
    statement, lines = a_statement(10, [5])
    with pytest.raises(RuntimeError, match="does not add up"):
        list(adding_up(statement, [replace(lines[0], **changed)]))


def test_a_period_must_have_a_length() -> None:
    with pytest.raises(ValueError, match="ends after it begins"):
        Period(from_time=BEGAN, to_time=BEGAN)


def test_a_period_is_final_some_time_after_its_end() -> None:
    moment = timedelta(microseconds=1)
    assert not PERIOD.is_final(PERIOD.to_time + FINAL_AFTER - moment)
    assert PERIOD.is_final(PERIOD.to_time + FINAL_AFTER)


@given(amount=AMOUNTS, exponent=st.integers(0, 4))
def test_an_amount_in_major_units_is_exact(amount: int, exponent: int) -> None:
    text = decimal_text(amount, exponent)
    assert Decimal(text).scaleb(exponent) == amount
    assert len(text.partition(".")[2]) == exponent
