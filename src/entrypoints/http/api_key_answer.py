"""How an API key is answered: its schema, with examples, its secret shown once."""

from typing import Any

from marshmallow import fields, validate

from domain.api_key import KeyStatus
from domain.scope import MEANINGS, Scope
from entrypoints.http.fields import AnswerSchema, Id, Name
from entrypoints.http.times import utc_time

COLLECTION = "/v1/api-keys"
EXAMPLE: dict[str, Any] = {
    "id": "019aab50-3c1d-7f20-8b4e-6a5f7c8d9e01",
    "name": "Ada's app",
    "scopes": ["transfers:write", "wallets:read"],
    "account_id": "019aab3e-6f5c-7c02-b5d1-9e8f7a6b5c40",
    "status": "active",
    "secrets": [
        {
            "prefix": "7f3a91c04be2",
            "created_at": "2026-11-22T21:30:00.104218Z",
            "expires_at": None,
        }
    ],
    "created_at": "2026-11-22T21:30:00.104218Z",
    "updated_at": "2026-11-22T21:30:00.104218Z",
    "expires_at": "2027-11-22T00:00:00.000000Z",
    "revoked_at": None,
}
REVOKED_EXAMPLE = EXAMPLE | {
    "status": "revoked",
    "revoked_at": "2026-11-23T08:15:30.104218Z",
    "updated_at": "2026-11-23T08:15:30.104218Z",
}
SHOWN_ONCE = EXAMPLE | {
    "secret": "pay_7f3a91c04be2_" + "x" * 43,
}


def _end(about: str) -> fields.DateTime:
    return fields.DateTime(
        required=True, allow_none=True, metadata={"description": f"{about}; null for never."}
    )


class SecretSchema(AnswerSchema):
    """A secret that opens something now; two of them while the key is being rotated."""

    prefix = fields.String(
        required=True, metadata={"description": "The public part of it: `pay_<prefix>_…`."}
    )
    created_at = utc_time("When it was made")
    expires_at = _end("When it stops, before the key itself does")


class ApiKeySchema(AnswerSchema):
    """An API key; its id is the principal, whatever its secrets are."""

    id = Id(required=True)
    name = Name(required=True)
    scopes = fields.List(
        fields.String(validate=validate.OneOf([str(scope) for scope in Scope])),
        required=True,
        metadata={
            "description": "What it allows. "
            + " ".join(f"`{scope}`: {meaning}." for scope, meaning in MEANINGS.items())
        },
    )
    account_id = Id(
        required=True,
        allow_none=True,
        metadata={"description": "The account that it is bound to: it acts for this one alone."},
    )
    status = fields.String(
        required=True, validate=validate.OneOf([str(status) for status in KeyStatus])
    )
    secrets = fields.List(fields.Nested(SecretSchema), required=True)
    created_at = utc_time("When it was made")
    updated_at = utc_time("When it last changed")
    expires_at = _end("When it expires")
    revoked_at = _end("When it was revoked")
    secret = fields.String(
        metadata={
            "description": "The new secret. Shown this once: only its hash is kept, and the same request"
            " sent again is answered without it."
        }
    )
