"""Quotes as rows: what is read becomes values, what is new in the books becomes columns."""

from collections.abc import Sequence
from typing import Any

from adapters.postgres.arrays import id_array, plain_array, text_array
from adapters.postgres.hold_rows import Statement
from domain.quote import Quote


def quote_from_row(row: Sequence[Any]) -> Quote:
    """In the order of the columns of `read_quotes`; the last is the conversion that has used it."""
    quote = Quote(
        id=row[0],
        source_currency=row[1],
        destination_currency=row[2],
        source_amount=row[3],
        destination_amount=row[4],
        rate=row[5],
        exact=row[6],
        expires_at=row[7],
        actor=row[8],
        request_id=row[9],
        created_at=row[10],
    )
    return quote if row[11] is None else quote.used_by(row[11])


def quotes_statement(quotes: Sequence[Quote]) -> Statement:
    """All new quotes, for the table `quote`."""
    columns = [
        id_array(quote.id for quote in quotes),
        plain_array(quote.source_currency for quote in quotes),
        plain_array(quote.destination_currency for quote in quotes),
        plain_array(quote.source_amount for quote in quotes),
        plain_array(quote.destination_amount for quote in quotes),
        plain_array(quote.rate for quote in quotes),
        plain_array(quote.exact for quote in quotes),
        plain_array(quote.expires_at for quote in quotes),
        text_array(quote.actor for quote in quotes),
        text_array(quote.request_id for quote in quotes),
        plain_array(quote.created_at for quote in quotes),
    ]
    return f"EXECUTE put_quotes ({', '.join(['%s'] * len(columns))})", columns
