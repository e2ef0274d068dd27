"""How a quote is answered: its schema, with an example."""

from marshmallow import fields, validate

from domain.quote import QuoteStatus
from entrypoints.http.fields import AnswerSchema, CurrencyCode, Id
from entrypoints.http.times import minor_units, utc_time

EXAMPLE = {
    "id": "019aab4c-5d21-7c0e-8f3a-1b2c3d4e5f60",
    "source_currency": "USD",
    "destination_currency": "EUR",
    "source_amount": 1050,
    "destination_amount": 963,
    "rate": "0.9178",
    "exact": "963.69",
    "rounding": "-0.69",
    "status": "open",
    "transaction_id": None,
    "expires_at": "2026-11-22T21:10:02.551840Z",
    "created_at": "2026-11-22T21:09:02.551840Z",
}
STATUSES = [str(status) for status in QuoteStatus]


class QuoteSchema(AnswerSchema):
    """A quote."""

    id = Id(required=True)
    source_currency = CurrencyCode(required=True)
    destination_currency = CurrencyCode(required=True)
    source_amount = minor_units("What a conversion takes, of the source currency")
    destination_amount = minor_units("What it pays, of the destination currency")
    rate = fields.String(
        required=True,
        metadata={
            "description": "Destination major units for one source major unit, an exact decimal."
        },
    )
    exact = fields.String(
        required=True,
        metadata={
            "description": "What the source amount comes to before rounding, in minor units of the"
            " destination currency, an exact decimal."
        },
    )
    rounding = fields.String(
        required=True,
        metadata={
            "description": "`destination_amount` less `exact`, an exact decimal: rounded down, by less"
            " than one minor unit."
        },
    )
    status = fields.String(
        required=True,
        validate=validate.OneOf(STATUSES),
        metadata={"description": "Only an open quote can be used; the others are final."},
    )
    transaction_id = Id(
        required=True,
        allow_none=True,
        metadata={"description": "The conversion that has used it; null when none has."},
    )
    expires_at = utc_time("The instant from which it is no longer valid")
    created_at = utc_time("When it was made")
