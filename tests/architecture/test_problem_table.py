"""Every "no" of the domain has its row in the table of HTTP problems, with a status that fits."""

import pytest

from domain.errors import (
    Conflict,
    Forbidden,
    IdempotencyKeyInUse,
    NotFound,
    NotNow,
    NotSealed,
    PaymentError,
    RuleBroken,
    leaves,
)
from entrypoints.http.problem_table import PROBLEMS
from entrypoints.http.request_errors import InternalError, RateLimited, RequestError

ERRORS = leaves()
STATUS_OF_KIND: dict[type[PaymentError], int] = {
    NotFound: 404,
    Conflict: 409,
    RuleBroken: 422,
    Forbidden: 403,
    NotNow: 503,
}
CONTRACT: dict[int, set[str]] = {
    400: {
        "malformed-json",
        "invalid-cursor",
        "idempotency-key-required",
        "idempotency-key-invalid",
    },
    401: {"unauthenticated"},
    403: {"forbidden"},
    404: {
        "not-found",
        "account-not-found",
        "wallet-not-found",
        "transaction-not-found",
        "hold-not-found",
    },
    405: {"method-not-allowed"},
    406: {"not-acceptable"},
    409: {
        "account-frozen",
        "account-closed",
        "reference-taken",
        "idempotency-key-in-use",
        "hold-not-pending",
        "hold-expired",
    },
    413: {"body-too-large"},
    415: {"unsupported-media-type"},
    422: {
        "validation-failed",
        "idempotency-key-reused",
        "insufficient-funds",
        "currency-mismatch",
        "currency-not-enabled",
        "same-wallet",
        "system-wallet",
        "balance-limit-exceeded",
        "unbalanced",
        "exceeds-hold",
    },
    429: {"rate-limited"},
    500: {"internal-error"},
    503: {"overloaded", "outcome-unknown", "unavailable"},
}


def kind_of(error: type[PaymentError]) -> type[PaymentError]:
    return next(kind for kind in STATUS_OF_KIND if issubclass(error, kind))


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_has_a_row(error: type[PaymentError]) -> None:
    assert error in PROBLEMS


def test_every_row_is_of_an_error() -> None:
    assert set(PROBLEMS) == set(ERRORS)


@pytest.mark.parametrize(
    "error",
    [
        each
        for each in ERRORS
        if each.__module__ == "domain.errors" and each not in {IdempotencyKeyInUse, NotSealed}
    ],
)
def test_the_kind_of_an_error_says_its_status(error: type[PaymentError]) -> None:
    assert PROBLEMS[error].status == STATUS_OF_KIND[kind_of(error)]


@pytest.mark.parametrize("error", [IdempotencyKeyInUse, NotSealed])
def test_some_conflicts_pass(error: type[PaymentError]) -> None:
    assert PROBLEMS[error].status == 409


@pytest.mark.parametrize("error", leaves(RequestError))
def test_a_wrong_request_is_never_the_services_fault(error: type[PaymentError]) -> None:
    assert 400 <= PROBLEMS[error].status < 500


def test_too_many_requests_pass_with_time() -> None:
    assert issubclass(RateLimited, NotNow)
    assert PROBLEMS[RateLimited].status == 429


def test_a_fault_of_the_service_is_never_the_requests() -> None:
    assert PROBLEMS[InternalError].status == 500


@pytest.mark.parametrize("status", CONTRACT)
def test_the_contract_names_these_codes(status: int) -> None:
    shown = {error.code for error, problem in PROBLEMS.items() if problem.status == status}
    assert shown >= CONTRACT[status]


@pytest.mark.parametrize("error", PROBLEMS)
def test_every_row_says_what_is_meant_with_what_to_do(error: type[PaymentError]) -> None:
    problem = PROBLEMS[error]
    assert problem.title
    assert problem.meaning.endswith(".")
    assert problem.remedy.endswith(".")


def test_no_two_problems_share_a_title() -> None:
    titles = [problem.title for problem in PROBLEMS.values()]
    assert len(set(titles)) == len(titles)
