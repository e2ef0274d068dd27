"""How an amount is converted: exactly, then rounded so that nobody makes money out of nothing."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.errors import AmountOutOfRange
from domain.money import AMOUNT_MINOR_MAX, Currency
from domain.rate import (
    RATE_DECIMALS_MAX,
    WHOLE_DIGITS_MAX,
    Converted,
    Rate,
    decimal_text,
    rate_after_markup,
    there_and_back,
)

JPY, USD, EUR, BHD, CLF = (
    Currency(code=code, exponent=exponent)
    for code, exponent in (("JPY", 0), ("USD", 2), ("EUR", 2), ("BHD", 3), ("CLF", 4))
)

WORTH = st.tuples(st.integers(1, 10**15), st.integers(0, RATE_DECIMALS_MAX)).map(
    lambda each: decimal_text(Fraction(each[0], 10 ** each[1]))
)
PAIRS = st.permutations([JPY, USD, BHD, CLF]).map(lambda each: each[:2])
AMOUNTS = st.integers(1, 10**12)


def convert(amount: int, source: Currency, destination: Currency, rate: str) -> Converted:
    return Rate(source=source, destination=destination, value=rate).convert(amount)


CONVERSIONS = [
    (1050, USD, EUR, "0.9178", 963, "963.69", "-0.69"),
    (1000, USD, EUR, "0.9", 900, "900", "0"),
    (1050, USD, JPY, "151.37", 1589, "1589.385", "-0.385"),
    (1589, JPY, USD, "0.0066", 1048, "1048.74", "-0.74"),
    (100, USD, BHD, "0.376", 376, "376", "0"),
    (1234, BHD, USD, "2.6595", 328, "328.1823", "-0.1823"),
    (1, JPY, BHD, "0.0025", 2, "2.5", "-0.5"),
    (1, CLF, JPY, "6170.25", 0, "", ""),
    (10_000, CLF, JPY, "6170.25", 6170, "6170.25", "-0.25"),
    (1, JPY, CLF, "0.000162", 1, "1.62", "-0.62"),
    (AMOUNT_MINOR_MAX, USD, EUR, "1", AMOUNT_MINOR_MAX, str(AMOUNT_MINOR_MAX), "0"),
    (1, USD, EUR, "1.999999999999", 1, "1.999999999999", "-0.999999999999"),
]


@pytest.mark.parametrize(
    ("amount", "source", "destination", "rate", "paid", "exact", "rounding"),
    [each for each in CONVERSIONS if each[4]],
)
def test_an_amount_comes_to_its_rate_in_the_minor_units_of_the_other_currency(
    amount: int,
    source: Currency,
    destination: Currency,
    rate: str,
    paid: int,
    exact: str,
    rounding: str,
) -> None:
    converted = convert(amount, source, destination, rate)
    assert (converted.amount, converted.exact, converted.rounding) == (paid, exact, rounding)


@pytest.mark.parametrize(
    ("amount", "source", "destination", "rate"),
    [
        (1, CLF, JPY, "6170.25"),
        (1, USD, JPY, "99.999999999999"),
        (AMOUNT_MINOR_MAX, USD, EUR, "1.000000000001"),
        (AMOUNT_MINOR_MAX, JPY, USD, "1"),
    ],
)
def test_what_comes_to_nothing_or_to_more_than_can_be_counted_is_refused(
    amount: int, source: Currency, destination: Currency, rate: str
) -> None:
    with pytest.raises(AmountOutOfRange) as refused:
        convert(amount, source, destination, rate)
    assert refused.value.data == {"currency": destination.code}


@given(PAIRS, AMOUNTS, WORTH)
def test_what_is_paid_is_less_than_one_minor_unit_below_what_it_comes_to(
    pair: list[Currency], amount: int, worth: str
) -> None:
    rate = Rate(source=pair[0], destination=pair[1], value=worth)
    try:
        converted = rate.convert(amount)
    except AmountOutOfRange:
        assert not 1 <= rate.exactly(amount) < AMOUNT_MINOR_MAX + 1
        return
    exact, rounding = Fraction(converted.exact), Fraction(converted.rounding)
    assert exact == rate.exactly(amount)
    assert converted.amount == exact + rounding
    assert -1 < rounding <= 0
    assert converted.amount == int(Decimal(converted.exact))


@given(PAIRS, AMOUNTS, WORTH, WORTH)
def test_nobody_has_more_after_going_there_and_back(
    pair: list[Currency], amount: int, there: str, back: str
) -> None:
    assume(there_and_back(there, back) <= 1)
    try:
        abroad = convert(amount, pair[0], pair[1], there).amount
        home = convert(abroad, pair[1], pair[0], back).amount
    except AmountOutOfRange:
        return
    assert home <= amount


@given(PAIRS, AMOUNTS, AMOUNTS, WORTH)
def test_nobody_has_more_by_converting_in_pieces(
    pair: list[Currency], one: int, other: int, worth: str
) -> None:
    try:
        pieces = [convert(amount, *pair, worth).amount for amount in (one, other)]
        whole = convert(one + other, *pair, worth).amount
    except AmountOutOfRange:
        return
    assert sum(pieces) <= whole <= sum(pieces) + 1


@given(PAIRS, AMOUNTS, AMOUNTS, WORTH)
def test_who_gives_more_never_gets_less(
    pair: list[Currency], one: int, other: int, worth: str
) -> None:
    try:
        got = [convert(amount, *pair, worth).amount for amount in sorted((one, other))]
    except AmountOutOfRange:
        return
    assert got == sorted(got)


def test_rounding_up_would_make_money_out_of_nothing() -> None:
    """Why amounts are not rounded to the customer's favour, or to the nearest: cents would double."""
    cent, yen, back = Fraction(1, 100), Fraction(150), Fraction(1, 150)
    assert -(-(cent * yen) // 1) == 2
    assert -(-(2 * back / cent) // 1) == 2


# Rates.


@pytest.mark.parametrize(
    ("rate", "markup", "after"),
    [
        ("0.9215", "0", "0.9215"),
        ("0.9200", "0", "0.92"),
        ("151.30", "1.5", "149.0305"),
        ("1", "0.0001", "0.999999"),
        ("0.000000000001", "99.9999", "0.000000000000000001"),
        ("999999999999.999999999999", "0.0001", "999998999999.999999999999000001"),
    ],
)
def test_the_markup_is_taken_from_the_rate_exactly(rate: str, markup: str, after: str) -> None:
    assert rate_after_markup(rate, markup) == after


NO_RATES = [
    "", "0", "0.0", "-1", "+1", "1e3", "1.", ".5", "01", " 1", "1\n", "1,5", "NaN", "Infinity", "१",
    "1" * (WHOLE_DIGITS_MAX + 1), "0." + "1" * (RATE_DECIMALS_MAX + 1), "1/3", "1_000",
]  # fmt: skip
NO_MARKUPS = ["", "-0.1", "100", "100.5", "0.00001", "1e1", ".5", "05", "5%", "NaN"]


@pytest.mark.parametrize("rate", NO_RATES)
def test_what_is_no_rate_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="a rate is a decimal above 0"):
        rate_after_markup(rate)


@pytest.mark.parametrize("markup", NO_MARKUPS)
def test_what_is_no_markup_is_refused(markup: str) -> None:
    with pytest.raises(ValueError, match="a markup is a percentage"):
        rate_after_markup("1.1", markup)


@given(st.integers(-(10**30), 10**30), st.integers(0, 40))
def test_a_decimal_is_written_exactly(units: int, places: int) -> None:
    value = Fraction(units, 10**places)
    text = decimal_text(value)
    assert Fraction(text) == value
    assert "e" not in text.lower()
    assert "." not in text or not text.endswith("0")


@pytest.mark.parametrize("value", [Fraction(1, 3), Fraction(10, 7), Fraction(1, 30)])
def test_what_is_no_decimal_is_not_written_as_one(value: Fraction) -> None:
    with pytest.raises(ValueError, match="is no decimal"):
        decimal_text(value)
