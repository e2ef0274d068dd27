"""The exchange desk: what must be known about a pair of currencies before a quote is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from domain.money import Currency
from domain.rate import Rate
from service_layer.rates import Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeDesk:
    """`currencies` are the enabled ones by their codes; a quote is valid for `quote_lifetime`."""

    rates: Rates
    currencies: Mapping[str, Currency]
    quote_lifetime: timedelta

    def rate(self, source: str, destination: str) -> Rate | None:
        """The rate of now; None when this pair is not offered. Errors: those of `Rates.rate`."""
        known = source in self.currencies and destination in self.currencies
        value = self.rates.rate(source, destination) if known else None
        if value is None:
            return None
        return Rate(
            source=self.currencies[source], destination=self.currencies[destination], value=value
        )
