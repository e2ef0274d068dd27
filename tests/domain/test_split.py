"""How an amount is split: exactly, and then rounded so that nothing is lost."""

from decimal import Decimal
from fractions import Fraction
from json import dumps, loads

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Unbalanced
from domain.money import AMOUNT_MINOR_MAX
from domain.split import Part, Share, allocate, percent_units
from tests.domain.examples import an_id

NO_PERCENTAGES = [
    "", "0", "0.0", "100.0000000001", "-1", "+1", "1e1", "1.", ".5", "01", "1000", " 1", "1\n", "1,5", "NaN",
    "1.00000000000", "१",
]  # fmt: skip


def fixed(amount: int) -> Share:
    return Share(wallet_id=an_id(), fixed=amount)


def percent(text: str) -> Share:
    return Share(wallet_id=an_id(), percent=text)


def remainder() -> Share:
    return Share(wallet_id=an_id())


def amounts(parts: tuple[Part, ...]) -> list[int]:
    return [part.amount for part in parts]


def shown(parts: tuple[Part, ...]) -> list[tuple[str, str]]:
    return [(part.exact, part.rounding) for part in parts]


def test_a_fixed_part_a_percentage_and_the_remainder_make_the_whole() -> None:
    parts = allocate(1000, [fixed(30), percent("12.5"), remainder()])
    assert amounts(parts) == [30, 125, 845]


def test_a_percentage_is_of_the_whole_and_not_of_what_fixed_parts_leave() -> None:
    assert amounts(allocate(1000, [fixed(500), percent("50")])) == [500, 500]


def test_the_unit_that_rounding_leaves_goes_to_the_part_that_lost_most() -> None:
    parts = allocate(10, [percent("33"), percent("33"), percent("34")])
    assert amounts(parts) == [3, 3, 4]
    parts = allocate(100, [percent("20.7"), percent("20.9"), remainder()])
    assert amounts(parts) == [21, 21, 58]


def test_of_two_parts_that_lost_the_same_the_earlier_is_rounded_up() -> None:
    assert amounts(allocate(1, [percent("50"), percent("50")])) == [1, 0]
    assert amounts(allocate(5, [remainder(), percent("50")])) == [3, 2]


def test_each_part_shows_what_it_was_exactly_and_how_it_was_rounded() -> None:
    parts = allocate(1001, [percent("33.3333333333"), percent("10"), remainder()])
    assert shown(parts) == [
        ("333.666666666333", "0.333333333667"),
        ("100.1", "-0.1"),
        ("567.233333333667", "-0.233333333667"),
    ]
    assert amounts(parts) == [334, 100, 567]


def test_a_part_that_came_out_even_shows_no_rounding() -> None:
    assert shown(allocate(200, [percent("50.00"), fixed(100)])) == [("100", "0"), ("100", "0")]


def test_a_remainder_of_nothing_is_a_part_of_nothing() -> None:
    assert amounts(allocate(100, [fixed(100), remainder()])) == [100, 0]


def test_the_largest_amount_is_split_without_losing_a_unit() -> None:
    parts = allocate(AMOUNT_MINOR_MAX, [percent("33.3333333333"), remainder()])
    assert amounts(parts) == [3002399751577328, 6004799503163663]


@pytest.mark.parametrize(
    ("shares", "sentence"),
    [
        ([fixed(101)], "The shares ask for 1 more than the amount of 100."),
        ([fixed(50), percent("50.1")], "The shares ask for 0.1 more than the amount of 100."),
        ([fixed(101), remainder()], "The shares ask for 1 more than the amount of 100."),
        (
            [percent("99.99")],
            "The shares leave 0.01 of the amount of 100; no share takes the remainder.",
        ),
    ],
)
def test_shares_that_do_not_make_the_whole_are_refused(shares: list[Share], sentence: str) -> None:
    with pytest.raises(Unbalanced) as refusal:
        allocate(100, shares)
    assert refusal.value.detail == sentence


def test_two_remainders_have_been_refused_before() -> None:
    with pytest.raises(ValueError, match="only one share"):
        allocate(100, [remainder(), remainder()])


@pytest.mark.parametrize("text", NO_PERCENTAGES)
def test_what_is_no_exact_percentage_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a (decimal|percentage)"):
        percent_units(text)


@st.composite
def splits(draw: st.DrawFn) -> tuple[int, list[Share]]:
    """An amount with shares that make it whole, in any order."""
    amount = draw(st.integers(1, AMOUNT_MINOR_MAX))
    shares, percents = [remainder()], Decimal(100)
    for _ in range(draw(st.integers(0, 12))):
        units = draw(st.integers(1, 10**11))
        if Decimal(units).scaleb(-10) <= percents:
            percents -= Decimal(units).scaleb(-10)
            shares.append(percent(f"{Decimal(units).scaleb(-10):f}"))
    free = int(Fraction(amount) * Fraction(percents) / 100)
    for _ in range(draw(st.integers(0, 3))):
        part = draw(st.integers(0, free))
        free -= part
        shares += [fixed(part)] if part else []
    return amount, draw(st.permutations(shares))


@given(splits())
def test_the_parts_always_sum_to_the_whole(split: tuple[int, list[Share]]) -> None:
    amount, shares = split
    assert sum(amounts(allocate(amount, shares))) == amount


@given(splits())
def test_no_part_is_off_by_a_whole_unit_or_negative(split: tuple[int, list[Share]]) -> None:
    for part in allocate(*split):
        assert abs(Fraction(part.rounding)) < 1
        assert part.amount >= 0


@given(splits())
def test_what_is_shown_is_exact(split: tuple[int, list[Share]]) -> None:
    amount, shares = split
    parts = allocate(amount, shares)
    for part in parts:
        assert Fraction(part.exact) + Fraction(part.rounding) == part.amount
        if part.share.percent is not None:
            assert Fraction(part.exact) == amount * Fraction(part.share.percent) / 100
        if part.share.fixed is not None:
            assert (part.amount, part.rounding) == (part.share.fixed, "0")
    assert sum(Fraction(part.exact) for part in parts) == amount


@given(splits())
def test_nobody_who_lost_more_is_passed_over(split: tuple[int, list[Share]]) -> None:
    parts = allocate(*split)
    lost = [Fraction(part.exact) % 1 for part in parts]
    up = [loss for part, loss in zip(parts, lost, strict=True) if Fraction(part.rounding) > 0]
    down = [loss for part, loss in zip(parts, lost, strict=True) if Fraction(part.rounding) <= 0]
    assert not up or min(up) >= max(down, default=0)


@given(splits())
def test_a_part_that_was_stored_is_the_same_part(split: tuple[int, list[Share]]) -> None:
    for part in allocate(*split):
        assert Part.from_json(loads(dumps(part.to_json()))) == part


@given(splits())
def test_the_order_of_the_shares_moves_no_more_than_the_last_unit(
    split: tuple[int, list[Share]],
) -> None:
    amount, shares = split
    there = {part.share: part.amount for part in allocate(amount, shares)}
    back = {part.share: part.amount for part in allocate(amount, shares[::-1])}
    assert all(abs(there[share] - back[share]) <= 1 for share in shares)
