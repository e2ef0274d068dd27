"""The port of queries about quotes: read-only, without locks or a unit of work."""

from typing import Protocol
from uuid import UUID

from domain.quote import Quote


class QuoteQueries(Protocol):
    """Quotes are as of now: expired from their instant on."""

    def quote(self, quote_id: UUID) -> Quote:
        """QuoteNotFound."""
