"""The parts of the OpenAPI document that many operations share."""

from collections.abc import Iterable, Sequence
from typing import Any

from marshmallow import fields, validate

from domain import errors as domain
from domain.errors import NotNow, PaymentError
from entrypoints.http import request_errors as request
from entrypoints.http.fields import AnswerSchema, RequestSchema
from entrypoints.http.problem_table import PROBLEMS

EXAMPLE_REQUEST_ID = "019aab3e70217c3f9c1e5d3a8b6f4e10"

READ_ERRORS: tuple[type[PaymentError], ...] = (
    request.NotAcceptable,
    request.ValidationFailed,
    request.InternalError,
    domain.Unavailable,
)
WRITE_ERRORS: tuple[type[PaymentError], ...] = (
    *READ_ERRORS,
    request.BadRequest,
    request.MalformedJson,
    request.IdempotencyKeyInvalid,
    request.LengthRequired,
    request.BodyTooLarge,
    request.UnsupportedMediaType,
    domain.IdempotencyKeyReused,
    domain.IdempotencyKeyInUse,
    domain.Overloaded,
    domain.OutcomeUnknown,
)

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
    "Retry-After": {
        "description": "Seconds to wait before sending the same request again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "Allow": {
        "description": "The methods that this path has.",
        "schema": {"type": "string"},
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


class FieldErrorSchema(AnswerSchema):
    """One wrong place."""

    pointer = fields.String(
        required=True,
        metadata={
            "description": "JSON pointer into the body (RFC 6901), or `?name` for a query parameter.",
            "examples": ["/amount"],
        },
    )
    detail = fields.String(required=True, metadata={"examples": ["Must be an integer."]})


class ProblemSchema(AnswerSchema):
    """An error (RFC 9457). Further members give its data, for example `wallet_id`."""

    type = fields.String(
        required=True,
        metadata={
            "format": "uri-reference",
            "description": "A page that says what the problem means and what to do.",
        },
    )
    title = fields.String(required=True)
    status = fields.Integer(required=True, metadata={"minimum": 400, "maximum": 599})
    detail = fields.String(required=True, metadata={"description": "A sentence for people."})
    code = fields.String(
        required=True,
        metadata={
            "description": "A stable name for programs. There are: "
            + ", ".join(f"`{error.code}`" for error in PROBLEMS)
            + "."
        },
    )
    request_id = fields.String(
        required=True, metadata={"description": "The request that was first answered so."}
    )
    errors = fields.List(
        fields.Nested(FieldErrorSchema), metadata={"description": "For `validation-failed` only."}
    )


def answer_headers(names: Sequence[str]) -> dict[str, Any]:
    """References to the headers of an answer; each answer has X-Request-Id."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *names)}


def problem_responses(errors: Iterable[type[PaymentError]]) -> dict[int, dict[str, Any]]:
    """The responses of an operation that can fail in these ways: one for each status."""
    by_status: dict[int, list[type[PaymentError]]] = {}
    for error in errors:
        by_status.setdefault(PROBLEMS[error].status, []).append(error)
    return {status: _response(by_status[status]) for status in sorted(by_status)}


def _response(errors: Sequence[type[PaymentError]]) -> dict[str, Any]:
    codes = " or ".join(f"`{error.code}`" for error in errors)
    examples = {error.code: {"value": _example(error)} for error in errors}
    return {
        "description": f"{codes}.",
        "headers": answer_headers(_header_names(errors)),
        "content": {"application/problem+json": {"schema": ProblemSchema, "examples": examples}},
    }


def _header_names(errors: Sequence[type[PaymentError]]) -> list[str]:
    names = []
    if any(issubclass(error, domain.Refusal) for error in errors):
        names.append("Idempotency-Replayed")
    if all(issubclass(error, NotNow) for error in errors):
        names.append("Retry-After")
    return names


def _example(error: type[PaymentError]) -> dict[str, Any]:
    row = PROBLEMS[error]
    example: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": row.title,
        "status": row.status,
        "detail": row.meaning,
        "code": error.code,
        "request_id": EXAMPLE_REQUEST_ID,
    }
    if error is request.ValidationFailed:
        example["errors"] = [
            {"pointer": "/amount", "detail": "Must be greater than or equal to 1."}
        ]
    return example
