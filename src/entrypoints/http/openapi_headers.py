"""The headers that the OpenAPI document names."""

from collections.abc import Sequence
from typing import Any

from marshmallow import fields, validate

from entrypoints.http.fields import RequestSchema

EXAMPLE_REQUEST_ID = "019aab3e70217c3f9c1e5d3a8b6f4e10"

HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {
        "description": "The request's id: yours when you sent a sane one, else a new one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"},
        "example": EXAMPLE_REQUEST_ID,
    },
    "Location": {
        "description": "The path of what was made.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
        "example": "/v1/transactions/019aab41-02d9-7f6a-a3b8-5c4d3e2f1a09",
    },
    "ETag": {
        "description": "A strong tag of this representation, for If-None-Match.",
        "required": True,
        "schema": {"type": "string"},
        "example": '"5f3d0b7c9a1e4d26a8c0f1b2d3e4f506"',
    },
    "Link": {
        "description": 'The next page, as `<path>; rel="next"`; absent on the last page (RFC 8288).',
        "schema": {"type": "string"},
    },
    "Idempotency-Replayed": {
        "description": "`true` when this is the first answer again and nothing new was done.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "WWW-Authenticate": {
        "description": "How to authenticate: `Bearer` (RFC 6750).",
        "required": True,
        "schema": {"type": "string"},
        "example": 'Bearer realm="payments"',
    },
    "RateLimit-Policy": {
        "description": "How many requests (`q`) there may be in how many seconds (`w`).",
        "schema": {"type": "string"},
        "example": '"writes";q=600000;w=60',
    },
    "RateLimit": {
        "description": "How many more there may be (`r`) in the next seconds (`t`).",
        "schema": {"type": "string"},
        "example": '"writes";r=599999;t=42',
    },
    "Retry-After": {
        "description": "Seconds to wait before sending the same request again.",
        "schema": {"type": "integer", "minimum": 1},
    },
}

_KEY = {
    "description": "Makes the request happen once: send it again with the same key and body, and you"
    " get the first answer again. Use a new random key, such as a UUID, for each payment.",
    "examples": ["0b9d1e9a-6f0e-4c55-9d6a-3c6b5d1f2a77"],
    "pattern": "^[!-~]{1,255}$",
}


class KeyHeader(RequestSchema):
    """The key of a request that moves money."""

    key = fields.String(
        required=True,
        data_key="Idempotency-Key",
        validate=validate.Length(1, 255),
        metadata=_KEY,
    )


class OptionalKeyHeader(RequestSchema):
    """The key of a request that makes something without moving money."""

    key = fields.String(data_key="Idempotency-Key", validate=validate.Length(1, 255), metadata=_KEY)


class IfNoneMatchHeader(RequestSchema):
    """The tag of the representation that the client has."""

    tag = fields.String(
        data_key="If-None-Match",
        metadata={"description": "The ETag you have; if it still holds, the answer is 304."},
    )


def answer_headers(names: Sequence[str]) -> dict[str, Any]:
    """References to the headers of an answer; each answer has X-Request-Id."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *names)}


OTHER_PATH_PARAMETERS: dict[str, dict[str, Any]] = {
    "block": {
        "description": "The number of the block: 1, 2, 3…",
        "schema": {"type": "integer", "format": "int64", "minimum": 1},
        "example": 1,
    }
}


def path_parameter(name: str) -> dict[str, Any]:
    """An id in a path, such as `wallet_id`, or what else names something there."""
    return {
        "in": "path",
        "name": name,
        "required": True,
        "description": f"The id of the {name.removesuffix('_id')}.",
        "schema": {"type": "string", "format": "uuid"},
        "example": "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71",
        **OTHER_PATH_PARAMETERS.get(name, {}),
    }
