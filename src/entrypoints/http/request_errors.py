"""What can be wrong with a request before any rule of money is reached.

These stand in the same tree as the domain's errors, so that there is one way to say no. None is ever kept
under an idempotency key.
"""

from collections.abc import Sequence
from typing import NamedTuple

from domain.errors import NotNow, PaymentError


class FieldError(NamedTuple):
    """`pointer` is a JSON pointer into the body (RFC 6901), or `?name` for a query parameter."""

    pointer: str
    detail: str


class RequestError(PaymentError):
    """The request cannot be understood or is not allowed in this form."""


class BadRequest(RequestError):
    code = "bad-request"


class MalformedJson(RequestError):
    code = "malformed-json"


class InvalidCursor(RequestError):
    code = "invalid-cursor"


class IdempotencyKeyRequired(RequestError):
    code = "idempotency-key-required"


class IdempotencyKeyInvalid(RequestError):
    code = "idempotency-key-invalid"


class Unauthenticated(RequestError):
    """`error` is what RFC 6750 calls it: there is none when no key was sent."""

    code = "unauthenticated"

    def __init__(self, detail: str, *, error: str | None = None) -> None:
        super().__init__(detail)
        self.error = error


class PathNotFound(RequestError):
    code = "not-found"


class MethodNotAllowed(RequestError):
    code = "method-not-allowed"


class NotAcceptable(RequestError):
    code = "not-acceptable"


class RequestTimeout(RequestError):
    code = "request-timeout"


class LengthRequired(RequestError):
    code = "length-required"


class BodyTooLarge(RequestError):
    code = "body-too-large"


class UnsupportedMediaType(RequestError):
    code = "unsupported-media-type"


class ValidationFailed(RequestError):
    """`errors` says for each wrong place what is wrong with it."""

    code = "validation-failed"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("The request is well-formed, but some of its values are not allowed.")
        self.errors = tuple(errors)


class StatementTooLong(RequestError):
    """It has more lines than a document for people should have."""

    code = "statement-too-long"


class RateLimited(NotNow):
    """The caller has asked too often; nothing was done."""

    code = "rate-limited"

    def __init__(self, detail: str, *, retry_after_seconds: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class InternalError(PaymentError):
    """The service is at fault, not the request."""

    code = "internal-error"
