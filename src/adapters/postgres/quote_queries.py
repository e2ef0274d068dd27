"""Queries about quotes on PostgreSQL."""

from uuid import UUID

import sqlalchemy as sa

from adapters.postgres.quote_rows import quote_from_row
from adapters.postgres.quote_tables import quote
from adapters.postgres.reader import Reader
from adapters.postgres.tables import transaction
from domain.errors import QuoteNotFound
from domain.quote import Quote
from service_layer.ports import Clock

QUOTE = (
    sa.select(
        quote.c.id,
        quote.c.source_currency,
        quote.c.destination_currency,
        quote.c.source_amount,
        quote.c.destination_amount,
        sa.cast(quote.c.rate, sa.Text),
        sa.cast(quote.c.exact, sa.Text),
        quote.c.expires_at,
        quote.c.actor,
        quote.c.request_id,
        quote.c.created_at,
        transaction.c.id,
    )
    .outerjoin(transaction, transaction.c.quote_id == quote.c.id)
    .where(quote.c.id == sa.bindparam("id", type_=sa.Uuid))
)


class PostgresQuoteQueries:
    """`clock` says whether a quote's instant has come."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._rows = Reader(engine).rows
        self._clock = clock

    def quote(self, quote_id: UUID) -> Quote:
        found = self._rows(QUOTE, id=quote_id)
        if not found:
            raise QuoteNotFound(f"There is no quote {quote_id}.", quote_id=str(quote_id))
        return quote_from_row(found[0]).as_of(self._clock())
