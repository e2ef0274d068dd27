"""What a setting's value must be like; ValueError says why it is not, never what it was."""

from urllib.parse import urlsplit

import iso4217

from domain.money import Currency

DATABASE_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg2")


def check_database_url(value: str) -> None:
    """ValueError, which never repeats the value: it may hold a password."""
    scheme, separator, _ = value.partition("://")
    if not separator or scheme not in DATABASE_SCHEMES:
        raise ValueError("must be a URL that begins with postgresql:// (unset it for embedded)")
    if any(character.isspace() for character in value):
        raise ValueError("must not have spaces or line breaks in it")
    try:
        port = urlsplit(value).port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError(
            "must have a port from 1 to 65535 or none;"
            " special characters in a password are percent-encoded"
        )


def listed(value: str) -> list[str]:
    """Each once, in the order in which they stand."""
    return list(dict.fromkeys(each.strip() for each in value.split(",") if each.strip()))


def currency_of(code: str) -> Currency:
    try:
        exponent = iso4217.Currency(code).exponent
    except ValueError:
        exponent = None
    if exponent is None:
        raise ValueError(f"{code!r} is not an ISO 4217 currency with a minor unit")
    return Currency(code=code, exponent=exponent)
