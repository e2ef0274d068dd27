"""How an account is answered: its schema, with an example."""

from marshmallow import fields, validate

from domain.wallet import Status
from entrypoints.http.fields import (
    AnswerSchema,
    Id,
    Metadata,
    Name,
    reference,
)
from entrypoints.http.times import utc_time
from entrypoints.http.wallet_answer import EXAMPLE as WALLET_EXAMPLE
from entrypoints.http.wallet_answer import WalletSchema

EXAMPLE = {
    "id": "019aab3e-6f5c-7c02-b5d1-9e8f7a6b5c40",
    "name": "Ada Lovelace",
    "reference": "customer-17",
    "status": "active",
    "metadata": {"tier": "gold"},
    "version": 1,
    "wallets": [WALLET_EXAMPLE],
    "created_at": "2026-11-22T21:04:09.120455Z",
    "updated_at": "2026-11-22T21:04:09.120455Z",
}


class AccountSchema(AnswerSchema):
    """An account with its wallets."""

    id = Id(required=True)
    name = Name(required=True)
    reference = reference(required=True, metadata={"description": "Your own, unique name for it."})
    status = fields.String(
        required=True, validate=validate.OneOf([str(status) for status in Status])
    )
    metadata = Metadata(required=True)
    version = fields.Integer(
        required=True,
        strict=True,
        metadata={"description": "1 for a new account; each change of the account adds one."},
    )
    wallets = fields.List(fields.Nested(WalletSchema), required=True)
    created_at = utc_time("When it was opened")
    updated_at = utc_time("When it last changed")
