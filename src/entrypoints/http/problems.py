"""Turn every error that leaves the service into an RFC 9457 problem."""

import logging
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from domain.errors import NotNow, PaymentError, Refusal
from entrypoints.http import request_errors as edge
from entrypoints.http.answers import Answer, Headers
from entrypoints.http.json_text import dumps_safely
from entrypoints.http.problem_table import PROBLEMS
from entrypoints.http.request_id import REQUEST_ID
from entrypoints.http.watch import PROBLEM

PROBLEM_JSON = "application/problem+json"
log = logging.getLogger(__name__)

_BY_STATUS: dict[int, type[PaymentError]] = {
    404: edge.PathNotFound,
    405: edge.MethodNotAllowed,
    406: edge.NotAcceptable,
    408: edge.RequestTimeout,
    411: edge.LengthRequired,
    413: edge.BodyTooLarge,
    415: edge.UnsupportedMediaType,
}


def problem_body(error: PaymentError, request_id: str) -> dict[str, Any]:
    """The error as the contract shows it; its data are members beside the standard ones."""
    row = PROBLEMS[type(error)]
    body: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": row.title,
        "status": row.status,
        "detail": error.detail,
        "code": error.code,
        "request_id": request_id,
    }
    if isinstance(error, edge.ValidationFailed):
        body["errors"] = [wrong._asdict() for wrong in error.errors]
    # Sorted, because a database may have kept the data of a replayed refusal in an order of its own.
    return body | dict(sorted(error.data.items())) | body if error.data else body


def problem_answer(
    error: PaymentError, request_id: str | None = None, headers: Headers = ()
) -> Answer:
    """A refusal is shown with the request's id that was stored with it, so that a replay is the same."""
    environ = request.environ
    environ[PROBLEM] = error.code
    body = problem_body(error, request_id or environ[REQUEST_ID])
    if isinstance(error, NotNow):
        headers = (*headers, ("Retry-After", str(error.retry_after_seconds)))
    if isinstance(error, edge.Unauthenticated):
        headers = (*headers, ("WWW-Authenticate", _challenge(error)))
    return Answer(dumps_safely(body), body["status"], headers, PROBLEM_JSON)


def _challenge(error: edge.Unauthenticated) -> str:
    """How to ask again (RFC 6750)."""
    return 'Bearer realm="payments"' + (f', error="{error.error}"' if error.error else "")


def refusal_answer(refused: Refusal, request_id: str, replayed: bool) -> Answer:
    """The answer to a request that the rules have refused."""
    headers = (("Idempotency-Replayed", "true"),) if replayed else ()
    return problem_answer(refused, request_id, headers)


def _answer_http_exception(error: HTTPException) -> Response | HTTPException:
    """What Flask and werkzeug raise, their own headers (Allow and the like) kept."""
    status = error.code or 500
    if status < 400:
        return error
    kept = [
        header
        for header in error.get_headers()
        if header[0].lower() not in ("content-type", "content-length")
    ]
    fallback = edge.BadRequest if status < 500 else edge.InternalError
    problem = _BY_STATUS.get(status, fallback)
    return problem_answer(problem(_detail(problem, error)), headers=kept)


def _detail(problem: type[PaymentError], error: HTTPException) -> str:
    if problem is edge.PathNotFound:
        return f"There is nothing at {request.path}."
    if problem is edge.MethodNotAllowed:
        return f"{request.method} is not allowed at {request.path}."
    if problem is edge.BadRequest:
        return error.description or PROBLEMS[problem].meaning
    return PROBLEMS[problem].meaning


def register_problems(app: Flask) -> None:
    """Answer every error of this app with a problem; Flask logs the unexpected ones with their traceback."""
    app.register_error_handler(PaymentError, problem_answer)
    app.register_error_handler(HTTPException, _answer_http_exception)
