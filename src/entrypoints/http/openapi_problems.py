"""How operations can fail, for the OpenAPI document."""

from collections.abc import Iterable, Sequence
from typing import Any

from marshmallow import fields

from domain import errors as domain
from domain.errors import NotNow, PaymentError
from entrypoints.http import request_errors as request
from entrypoints.http.fields import AnswerSchema, Id
from entrypoints.http.openapi_headers import EXAMPLE_REQUEST_ID, answer_headers
from entrypoints.http.problem_table import PROBLEMS

Errors = Sequence[type[PaymentError]]

PROBE_ERRORS: Errors = (request.NotAcceptable, request.ValidationFailed, request.InternalError)
READ_ERRORS: Errors = (*PROBE_ERRORS, domain.Overloaded)
WRITE_ERRORS: Errors = (
    *READ_ERRORS,
    request.BadRequest,
    request.MalformedJson,
    request.IdempotencyKeyInvalid,
    request.RequestTimeout,
    request.LengthRequired,
    request.BodyTooLarge,
    request.UnsupportedMediaType,
    domain.IdempotencyKeyReused,
    domain.IdempotencyKeyInUse,
    domain.Unavailable,
    domain.OutcomeUnknown,
)

TERMS_ERRORS: Errors = (domain.WalletNotFound, domain.SystemWalletNamed, domain.ConditionFailed)
BOUND_ERRORS: Errors = (domain.CannotBePaid, domain.HoldNotYours)
"""What only keys that are bound to an account can get."""


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
    """An error (RFC 9457); the members after `errors` are there when they help."""

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
    wallet_id = Id(metadata={"description": "The wallet that it is about."})
    account_id = Id(metadata={"description": "The account that it is about."})
    transaction_id = Id(metadata={"description": "The transaction that it is about."})
    hold_id = Id(metadata={"description": "The hold that it is about."})
    api_key_id = Id(metadata={"description": "The API key that it is about."})
    hold_status = fields.String(metadata={"description": "What became of the hold."})
    remaining = fields.Integer(
        metadata={
            "format": "int64",
            "description": "What the hold still reserves. In minor units.",
        }
    )
    quote_id = Id(metadata={"description": "The quote that it is about."})
    reference = fields.String(metadata={"description": "The reference that is taken."})
    currency = fields.String(
        metadata={"description": "The wallet's currency, or the one that is not enabled."}
    )
    available = fields.Integer(
        metadata={
            "format": "int64",
            "description": "What the wallet had available. In minor units.",
        }
    )
    wallet_version = fields.Integer(
        metadata={"format": "int64", "description": "How many postings the wallet has had."}
    )
    limit = fields.Integer(
        metadata={
            "format": "int64",
            "description": "The most that is allowed: minor units in a wallet, bytes in a body.",
        }
    )


def problem_responses(
    errors: Iterable[type[PaymentError]], method: str
) -> dict[int, dict[str, Any]]:
    """The responses of an operation that can fail in these ways: one for each status."""
    by_status: dict[int, list[type[PaymentError]]] = {}
    for error in errors:
        by_status.setdefault(PROBLEMS[error].status, []).append(error)
    return {status: _response(by_status[status], method) for status in by_status}


def _response(errors: Errors, method: str) -> dict[str, Any]:
    codes = " or ".join(f"`{error.code}`" for error in errors)
    examples = {error.code: {"value": _example(error, method)} for error in errors}
    return {
        "description": f"{codes}.",
        "headers": answer_headers(_header_names(errors, method)),
        "content": {"application/problem+json": {"schema": ProblemSchema, "examples": examples}},
    }


def _header_names(errors: Errors, method: str) -> list[str]:
    names = []
    if method == "POST" and any(issubclass(error, domain.Refusal) for error in errors):
        names.append("Idempotency-Replayed")
    if any(issubclass(error, NotNow) for error in errors):
        names.append("Retry-After")
    if request.Unauthenticated in errors:
        names.append("WWW-Authenticate")
    return names


def _example(error: type[PaymentError], method: str) -> dict[str, Any]:
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
        pointer = "/amount" if method == "POST" else "?limit"
        example["errors"] = [{"pointer": pointer, "detail": "Must be an integer from 1 on."}]
    return example
