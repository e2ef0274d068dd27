"""How errors of API keys, or of what they are confined to, are answered over HTTP."""

from domain import errors as domain
from domain.errors import PaymentError
from entrypoints.http import request_errors as request
from entrypoints.http.problem_row import Problem

KEY_PROBLEMS: dict[type[PaymentError], Problem] = {
    request.Unauthenticated: Problem(
        401,
        "Unauthenticated",
        "There is no API key with the request, or it is not valid: unknown, expired, or revoked.",
        "Send Authorization: Bearer with a valid key; `payments keys create` makes one.",
    ),
    domain.Forbidden: Problem(
        403,
        "Forbidden",
        "The API key is valid, but it does not allow this. It says nothing about what exists.",
        "Use a key with the scope that the reference at /docs names for this operation.",
    ),
    domain.ApiKeyNotFound: Problem(
        404,
        "API key not found",
        "No API key has this id.",
        "GET /v1/api-keys lists them all.",
    ),
    domain.HoldNotYours: Problem(
        409,
        "Hold is not yours",
        "The hold is on a wallet of the account that this key is bound to, but another key has placed it:"
        " whoever is to be paid by it relies on it.",
        "Ask whoever has placed it to capture or void it.",
    ),
    domain.ApiKeyNotActive: Problem(
        409,
        "API key is not active",
        "The API key is expired or revoked, which is final.",
        "Create another one.",
    ),
    domain.CannotBePaid: Problem(
        422,
        "Cannot be paid",
        "The wallet that was to be paid cannot take this payment. A key that is bound to an account is"
        " not told why, because that is the other account's business.",
        "Check currency and amount; otherwise ask the owner of the wallet.",
    ),
}
