"""Amounts of money are integer counts of a currency's minor units.

1050 USD minor units are 10.50 USD (ISO 4217 gives each currency its exponent). No amount or balance
leaves ±AMOUNT_MINOR_MAX, the largest integer that every JSON client reads exactly (RFC 8259, section 6).
"""

from dataclasses import dataclass

AMOUNT_MINOR_MAX = 9_007_199_254_740_991


def check_amount(amount: int) -> None:
    """Crash on an amount that no request can carry: whoever read the request has refused it before."""
    if type(amount) is not int or not 1 <= amount <= AMOUNT_MINOR_MAX:
        raise ValueError(f"an amount is 1 … {AMOUNT_MINOR_MAX} minor units, not {amount!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """An ISO 4217 currency: three capital letters, and how many digits its minor unit has."""

    code: str
    exponent: int


def decimal_text(amount_minor: int, exponent: int) -> str:
    """An amount in major units, exactly: -1050 with two digits is -10.50."""
    if not exponent:
        return str(amount_minor)
    major, minor = divmod(abs(amount_minor), 10**exponent)
    return f"{'-' if amount_minor < 0 else ''}{major}.{minor:0{exponent}}"
