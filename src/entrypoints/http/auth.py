"""Who asks, with what they may: the API key in the Authorization header."""

import re
from typing import Any

from flask import Flask
from flask.globals import request_ctx

from domain.errors import Forbidden
from domain.scope import Scope
from entrypoints.http.asking import PRINCIPAL, principal
from entrypoints.http.operations import Operation
from entrypoints.http.rate_limits import check_failures, count_failure, count_page, count_request
from entrypoints.http.request_errors import Unauthenticated
from entrypoints.http.watch import ACTOR
from service_layer.authenticate import EVERYBODY, Authenticator, Principal
from service_layer.rate_limits import RateLimits

PROTECTED = "/v1/"
_BEARER = re.compile(r"bearer +([!-~]+) *", re.IGNORECASE)


def admit(operation: Operation) -> None:
    """Forbidden unless whoever sent the current request may ask for this operation."""
    if operation.scope is None:
        return
    found = principal()
    if not found.has(operation.scope):
        raise Forbidden(f"This key does not have the scope {operation.scope}.")
    if found.account_id is not None and operation.bound is None:
        raise Forbidden("A key that is bound to an account cannot do this.")


def authenticate_everything(
    app: Flask, authenticator: Authenticator | None, limits: RateLimits
) -> None:
    """Before anything under /v1 is looked at, whether it exists or not; without one everybody is let in.

    Then the request is counted: on the principal; a failed one, more strictly, on its address, as are pages.
    """

    def authenticate() -> None:
        sent = request_ctx.request  # the proxy `request` looks for it each time
        environ, path = sent.environ, sent.path
        if f"{path}/".startswith(PROTECTED):
            found = found_by(environ, authenticator, limits) if authenticator else EVERYBODY
            environ[PRINCIPAL], environ[ACTOR] = found, found.id
            count_request(limits, environ, found.id)
        else:
            count_page(limits, environ, path)

    app.before_request(authenticate)


def found_by(
    environ: dict[str, Any], authenticator: Authenticator, limits: RateLimits
) -> Principal:
    """Whose key the request shows; RateLimited, Unauthenticated.

    Whoever has failed too often gets no secret looked up any more, except those that were right before: what
    shares an address with a guesser is not shut out.
    """
    header: str | None = environ.get("HTTP_AUTHORIZATION")
    bearer = None if header is None else _BEARER.fullmatch(header)
    secret = bearer[1] if bearer else None
    found = authenticator.remembered(secret) if secret else None
    if found is not None:
        return found
    if secret is None or not authenticator.has_opened(secret):
        check_failures(limits)
    found = authenticator.principal_of(secret) if secret else None
    if found is not None:
        return found
    count_failure(limits)
    if header is None:
        raise Unauthenticated("Send an API key: Authorization: Bearer pay_…")
    raise Unauthenticated("This is no valid API key.", error="invalid_token")


def scope_sentence(scope: Scope | None, bound: str | None) -> str:
    """What the document says of who may ask for an operation."""
    if scope is None:
        return "Needs no API key."
    how = f"Keys bound to an account: {bound}" if bound else "Not for keys bound to an account."
    return f"Scope: `{scope}`. {how}"
