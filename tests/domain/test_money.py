"""What an amount of money is."""

import json

import pytest

from domain.money import AMOUNT_MINOR_MAX, Currency, check_amount


def test_the_largest_amount_is_exact_where_all_numbers_are_floats() -> None:
    as_float = float(AMOUNT_MINOR_MAX)
    assert int(as_float) == AMOUNT_MINOR_MAX
    assert as_float + 1 == float(AMOUNT_MINOR_MAX + 1) == float(AMOUNT_MINOR_MAX + 2)


def test_the_largest_amount_survives_json() -> None:
    text = json.dumps(AMOUNT_MINOR_MAX)
    assert json.loads(text, parse_int=float) == AMOUNT_MINOR_MAX


def test_the_largest_amount_fits_a_bigint_with_room_to_add() -> None:
    assert AMOUNT_MINOR_MAX * 2 < 2**63


@pytest.mark.parametrize("amount", [1, 100, AMOUNT_MINOR_MAX])
def test_a_request_may_ask_for(amount: int) -> None:
    assert check_amount(amount) is None


@pytest.mark.parametrize("amount", [0, -1, AMOUNT_MINOR_MAX + 1, True, 1.0, "1", None])
def test_no_request_may_ask_for(amount: object) -> None:
    with pytest.raises(ValueError, match="amount"):
        check_amount(amount)  # type: ignore[arg-type]


def test_a_currency_says_how_many_digits_its_minor_unit_has() -> None:
    yen = Currency(code="JPY", exponent=0)
    assert (yen.code, yen.exponent) == ("JPY", 0)
