"""How what is wrong with a request itself is answered, in the order of the statuses."""

from domain.errors import PaymentError
from entrypoints.http import request_errors as request
from entrypoints.http.problem_row import Problem

REQUEST_PROBLEMS: dict[type[PaymentError], Problem] = {
    request.BadRequest: Problem(
        400,
        "Bad request",
        "The request breaks the rules of HTTP itself.",
        "Send it with an ordinary HTTP client.",
    ),
    request.MalformedJson: Problem(
        400,
        "Malformed JSON",
        "The body is not one JSON object in UTF-8. NaN, Infinity and a key that stands twice in one"
        " object are refused too, because programs disagree about what they mean.",
        "Correct the body. Nothing was done, and the idempotency key is still unused.",
    ),
    request.InvalidCursor: Problem(
        400,
        "Invalid cursor",
        "The cursor is not one that this list has given out.",
        "Use next_cursor of the page before, unchanged, or leave the cursor out to start again.",
    ),
    request.IdempotencyKeyRequired: Problem(
        400,
        "Idempotency key required",
        "A request that moves money must carry an Idempotency-Key header, so that it can be sent"
        " again without being done twice.",
        "Make a new random key for each payment, for example a UUID, and keep it for the retries.",
    ),
    request.IdempotencyKeyInvalid: Problem(
        400,
        "Invalid idempotency key",
        "An Idempotency-Key has 1 to 255 visible ASCII characters, without spaces.",
        "Use for example a UUID.",
    ),
    request.PathNotFound: Problem(
        404,
        "Not found",
        "There is nothing at this path.",
        "Compare the path with the reference at /docs.",
    ),
    request.MethodNotAllowed: Problem(
        405,
        "Method not allowed",
        "This path exists, but not with this method. Money is never changed or deleted:"
        " corrections are new transactions.",
        "Use one of the methods in the Allow header.",
    ),
    request.NotAcceptable: Problem(
        406,
        "Not acceptable",
        "The Accept header excludes JSON, which is the only form of this answer.",
        "Send Accept: application/json, or no Accept header.",
    ),
    request.RequestTimeout: Problem(
        408,
        "Request timeout",
        "The request did not arrive in time.",
        "Send it again, with the same idempotency key.",
    ),
    request.LengthRequired: Problem(
        411,
        "Length required",
        "The body came without a length, and its end cannot be told.",
        "Send a Content-Length header.",
    ),
    request.BodyTooLarge: Problem(
        413,
        "Body too large",
        "The body is larger than this path allows.",
        "Send less, for example by shortening metadata.",
    ),
    request.UnsupportedMediaType: Problem(
        415,
        "Unsupported media type",
        "Request bodies are JSON in UTF-8.",
        "Send Content-Type: application/json.",
    ),
    request.ValidationFailed: Problem(
        422,
        "Validation failed",
        "The request is well-formed, but a field or a query parameter is missing, unknown or has a"
        " value that is not allowed. errors names each by a JSON pointer into the body, or by"
        " ?name for a query parameter.",
        "Correct what errors names. The idempotency key is still unused.",
    ),
    request.StatementTooLong: Problem(
        422,
        "Statement too long",
        "The statement has more lines than are put into a PDF.",
        "Ask for text/csv or application/json, which have no limit, or for a shorter period.",
    ),
    request.RateLimited: Problem(
        429,
        "Rate limited",
        "This key, or this address, has asked too often for now. Nothing was done, and the idempotency key is"
        " still unused.",
        "Wait as many seconds as Retry-After says, then send the same request again. RateLimit tells in"
        " every answer how many more there may be.",
    ),
    request.InternalError: Problem(
        500,
        "Internal error",
        "The service has a fault; the request may be fine.",
        "Send it again with the same idempotency key, and report the request_id if it stays.",
    ),
}
