"""Queries about quotes on the in-memory ledger."""

from uuid import UUID

from adapters.memory.ledger import Ledger
from domain.errors import QuoteNotFound
from domain.quote import Quote
from service_layer.ports import Clock


class MemoryQuoteQueries:
    """`clock` says whether a quote's instant has come."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    def quote(self, quote_id: UUID) -> Quote:
        with self._ledger.lock:
            found = self._ledger.quotes.get(quote_id)
        if found is None:
            raise QuoteNotFound(f"There is no quote {quote_id}.", quote_id=str(quote_id))
        return found.as_of(self._clock())
