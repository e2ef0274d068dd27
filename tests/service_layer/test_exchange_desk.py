"""The exchange desk: which rate applies to a pair of currencies."""

from datetime import timedelta

import pytest

from domain.money import Currency
from domain.rate import Rate
from service_layer.exchange_desk import ExchangeDesk

USD, JPY = Currency(code="USD", exponent=2), Currency(code="JPY", exponent=0)


class AskedRates:
    """Offers USD to JPY, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def rate(self, source: str, destination: str) -> str | None:
        self.asked.append((source, destination))
        return "151.37" if (source, destination) == ("USD", "JPY") else None


def a_desk(rates: AskedRates) -> ExchangeDesk:
    return ExchangeDesk(
        rates=rates, currencies={"USD": USD, "JPY": JPY}, quote_lifetime=timedelta(minutes=1)
    )


def test_the_rate_of_a_pair_knows_the_minor_units_of_both() -> None:
    rate = a_desk(AskedRates()).rate("USD", "JPY")
    assert rate == Rate(source=USD, destination=JPY, value="151.37")


def test_a_direction_that_is_not_offered_has_no_rate() -> None:
    assert a_desk(AskedRates()).rate("JPY", "USD") is None


@pytest.mark.parametrize("pair", [("USD", "XXX"), ("XXX", "USD")])
def test_nobody_is_asked_about_a_currency_that_is_not_enabled(pair: tuple[str, str]) -> None:
    rates = AskedRates()
    assert a_desk(rates).rate(*pair) is None
    assert rates.asked == []
