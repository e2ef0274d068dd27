"""Request a quote: what a conversion would pay."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.audit_entry import Action
from domain.books import Books
from domain.errors import RateNotAvailable, SameCurrency
from domain.idempotency import Outcome
from domain.money import check_amount
from domain.quote import Quote
from domain.rate import Rate
from service_layer.command import CommandBase
from service_layer.quote_json import quote_to_json
from service_layer.record_change import record_change


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestQuote(CommandBase):
    """Locks nothing. `amount` source minor units; `rate` is None when the pair is not offered.

    Errors, in the order they are checked: SameCurrency; of the source, then of the destination,
    CurrencyNotEnabled; RateNotAvailable; AmountOutOfRange.
    """

    source_currency: str
    destination_currency: str
    amount: int
    rate: Rate | None
    lifetime: timedelta

    def __post_init__(self) -> None:
        check_amount(self.amount)

    def decide(self, books: Books) -> Outcome:
        if self.source_currency == self.destination_currency:
            raise SameCurrency(
                f"{self.source_currency} into itself is no conversion.",
                currency=self.source_currency,
            )
        books.check_currency(self.source_currency)
        books.check_currency(self.destination_currency)
        if self.rate is None:
            raise RateNotAvailable(
                f"{self.source_currency} is not exchanged for {self.destination_currency} here."
            )
        quote = self._quote(self.rate, books.now)
        books.write_quote(quote)
        body = quote_to_json(quote)
        record_change(books, self.caller, Action.QUOTE_REQUESTED, body)
        return Outcome(body=body, request_id=self.caller.request_id)

    def _quote(self, rate: Rate, now: datetime) -> Quote:
        converted = rate.convert(self.amount)
        return Quote(
            id=self.id,
            source_currency=self.source_currency,
            destination_currency=self.destination_currency,
            source_amount=self.amount,
            destination_amount=converted.amount,
            rate=rate.value,
            exact=converted.exact,
            expires_at=now + self.lifetime,
            actor=self.caller.actor,
            request_id=self.caller.request_id,
            created_at=now,
        )
