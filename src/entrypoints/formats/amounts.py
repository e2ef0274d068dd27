"""Amounts as decimals with the digits of their currency."""


def decimal(amount_minor: int, exponent: int) -> str:
    """`-1050` with two digits is `-10.50`; exact, as no float is."""
    digits = str(abs(amount_minor)).rjust(exponent + 1, "0")
    sign = "-" if amount_minor < 0 else ""
    whole, fraction = digits[: len(digits) - exponent], digits[len(digits) - exponent :]
    return f"{sign}{whole}.{fraction}" if exponent else f"{sign}{whole}"
