"""A quote in JSON types: what is answered, what is kept under its key."""

from typing import Any

from domain.quote import Quote
from domain.times import rfc3339


def quote_to_json(quote: Quote) -> dict[str, Any]:
    """The fields of the contract; amounts in minor units."""
    used_by = quote.transaction_id
    return {
        "id": str(quote.id),
        "source_currency": quote.source_currency,
        "destination_currency": quote.destination_currency,
        "source_amount": quote.source_amount,
        "destination_amount": quote.destination_amount,
        "rate": quote.rate,
        "exact": quote.exact,
        "rounding": quote.rounding,
        "status": str(quote.status),
        "transaction_id": None if used_by is None else str(used_by),
        "expires_at": rfc3339(quote.expires_at),
        "created_at": rfc3339(quote.created_at),
    }
