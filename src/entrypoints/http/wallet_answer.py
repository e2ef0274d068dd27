"""How a wallet is answered: its schema, with an example."""

from marshmallow import fields, validate

from domain.wallet import Status
from entrypoints.http.fields import AnswerSchema, CurrencyCode, Id
from entrypoints.http.times import minor_units, utc_time

EXAMPLE = {
    "id": "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71",
    "account_id": "019aab3e-6f5c-7c02-b5d1-9e8f7a6b5c40",
    "currency": "USD",
    "status": "active",
    "balance": 10000,
    "held": 0,
    "available": 10000,
    "overdraft_limit": 0,
    "max_balance": None,
    "wallet_version": 1,
    "created_at": "2026-11-22T21:04:09.120455Z",
    "updated_at": "2026-11-22T21:05:31.007310Z",
}


class WalletSchema(AnswerSchema):
    """A wallet."""

    id = Id(required=True)
    account_id = Id(required=True)
    currency = CurrencyCode(required=True)
    status = fields.String(
        required=True,
        validate=validate.OneOf([str(status) for status in Status]),
        metadata={"description": "The status of its account."},
    )
    balance = minor_units("What the postings add up to")
    held = minor_units("What pending holds reserve")
    available = minor_units("`balance` less `held`")
    overdraft_limit = minor_units("How far `available` may go below zero")
    max_balance = minor_units("The most it may hold, null for no limit of its own", allow_none=True)
    wallet_version = fields.Integer(
        required=True,
        strict=True,
        metadata={"format": "int64", "description": "How many postings it has."},
    )
    created_at = utc_time("When it was made")
    updated_at = utc_time("When it last changed")
