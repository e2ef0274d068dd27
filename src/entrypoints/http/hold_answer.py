"""How a hold is answered: its schema, with an example."""

from marshmallow import fields, validate

from domain.hold import HoldStatus
from entrypoints.http.fields import AnswerSchema, CurrencyCode, Id, Metadata, description, reference
from entrypoints.http.times import minor_units, utc_time

EXAMPLE = {
    "id": "019aab43-7c1d-7e42-b9a0-4f5e6d7c8b9a",
    "wallet_id": "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71",
    "destination_wallet_id": "019aab40-11b7-7a55-8c0d-2e4f6a8b0c1d",
    "amount": 5000,
    "captured": 0,
    "remaining": 5000,
    "currency": "USD",
    "status": "pending",
    "expires_at": "2026-11-29T21:07:02.000000Z",
    "reference": "authorization-1042",
    "description": "Hotel, two nights",
    "metadata": {"booking": "2026-1042"},
    "created_at": "2026-11-22T21:09:14.310772Z",
    "updated_at": "2026-11-22T21:09:14.310772Z",
}
VOIDED_EXAMPLE = EXAMPLE | {
    "status": "voided",
    "remaining": 0,
    "updated_at": "2026-11-23T08:15:30.104218Z",
}
STATUSES = [str(status) for status in HoldStatus]


class HoldSchema(AnswerSchema):
    """A hold."""

    id = Id(required=True)
    wallet_id = Id(required=True, metadata={"description": "The wallet whose money is reserved."})
    destination_wallet_id = Id(
        required=True,
        allow_none=True,
        metadata={"description": "Whom captures pay; null when they name it or pay out."},
    )
    amount = minor_units("What was reserved when it was placed")
    captured = minor_units("What was paid out of it so far")
    remaining = minor_units("What is still reserved: 0 unless it is pending")
    currency = CurrencyCode(required=True)
    status = fields.String(
        required=True,
        validate=validate.OneOf(STATUSES),
        metadata={"description": "Only a pending hold reserves money; the others are final."},
    )
    expires_at = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "The instant that ends it; null when none does."},
    )
    reference = reference(required=True, metadata={"description": "Your own, unique name for it."})
    description = description(required=True)
    metadata = Metadata(required=True)
    created_at = utc_time("When it was placed")
    updated_at = utc_time("When it last changed")
