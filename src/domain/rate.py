"""A rate says how many major units of one currency are paid for one of another.

Rates are exact decimals, as strings. All reckoning is in fractions of integers: nothing is rounded but the
amount that is paid in the end, and that rounding is shown.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from domain.errors import AmountOutOfRange
from domain.money import AMOUNT_MINOR_MAX, Currency

WHOLE_DIGITS_MAX = 12
RATE_DECIMALS_MAX = 12
MARKUP_DECIMALS_MAX = 4
_RATE = re.compile(
    rf"(0|[1-9][0-9]{{0,{WHOLE_DIGITS_MAX - 1}}})(\.[0-9]{{1,{RATE_DECIMALS_MAX}}})?"
)
_MARKUP = re.compile(rf"(0|[1-9][0-9]?)(\.[0-9]{{1,{MARKUP_DECIMALS_MAX}}})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """`amount` minor units are paid: the `exact` amount with the `rounding` added, both exact decimals."""

    amount: int
    exact: str
    rounding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`value` is an exact decimal above 0: destination major units for one source major unit."""

    source: Currency
    destination: Currency
    value: str

    def convert(self, amount: int) -> Converted:
        """What `amount` source minor units come to, rounded down to destination minor units.

        Down is the one direction in which neither going there and back nor converting in small pieces makes
        money out of nothing. AmountOutOfRange when nothing is left, or more than an amount can count.
        """
        exact = self.exactly(amount)
        rounded = floor(exact)
        if not 1 <= rounded <= AMOUNT_MINOR_MAX:
            raise AmountOutOfRange(
                f"{amount} minor units of {self.source.code} come to {decimal_text(exact)} of"
                f" {self.destination.code}; 1 to {AMOUNT_MINOR_MAX} can be paid.",
                currency=self.destination.code,
            )
        return Converted(
            amount=rounded, exact=decimal_text(exact), rounding=decimal_text(rounded - exact)
        )

    def exactly(self, amount: int) -> Fraction:
        """Destination minor units, before rounding."""
        shift = self.destination.exponent - self.source.exponent
        return amount * Fraction(self.value) * Fraction(10) ** shift


def rate_after_markup(rate: str, markup_percent: str = "0") -> str:
    """The rate that customers get: less by a percentage, which is the house's; still exact.

    ValueError unless `rate` is a decimal above 0 and `markup_percent` one from 0 on, below 100.
    """
    if not _RATE.fullmatch(rate) or not Fraction(rate):
        raise ValueError(
            f"a rate is a decimal above 0 of up to {WHOLE_DIGITS_MAX} digits with up to"
            f" {RATE_DECIMALS_MAX} decimals, not {rate!r}"
        )
    if not _MARKUP.fullmatch(markup_percent):
        raise ValueError(
            f"a markup is a percentage from 0 on, below 100, with up to {MARKUP_DECIMALS_MAX} decimals,"
            f" not {markup_percent!r}"
        )
    return decimal_text(Fraction(rate) * (100 - Fraction(markup_percent)) / 100)


def there_and_back(there: str, back: str) -> Fraction:
    """What becomes of 1 that is converted at one rate, then back at the other; above 1 is a gift."""
    return Fraction(there) * Fraction(back)


def decimal_text(value: Fraction) -> str:
    """An exact decimal without trailing zeros; ValueError when it has no end, as a third has none."""
    places = 0
    while 10**places % value.denominator:
        places += 1
        if places > value.denominator.bit_length():
            raise ValueError(f"{value} is no decimal")
    digits = str(abs(value.numerator) * (10**places // value.denominator)).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    whole, decimals = digits[: len(digits) - places], digits[len(digits) - places :]
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"
