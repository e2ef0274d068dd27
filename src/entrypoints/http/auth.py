"""Who asks, with what they may: the API key in the Authorization header."""

import re
from typing import Any

from flask import Flask, request

from domain.errors import Forbidden
from domain.scope import Scope
from entrypoints.http.asking import PRINCIPAL, principal
from entrypoints.http.operations import Operation
from entrypoints.http.request_errors import Unauthenticated
from entrypoints.http.watch import ACTOR
from service_layer.authenticate import EVERYBODY, Authenticator, Principal

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


def authenticate_everything(app: Flask, authenticator: Authenticator | None) -> None:
    """Before anything under /v1 is looked at, whether it exists or not; without one everybody is let in."""

    def authenticate() -> None:
        environ = request.environ
        if f"{request.path}/".startswith(PROTECTED):
            found = found_by(environ, authenticator) if authenticator else EVERYBODY
            environ[PRINCIPAL], environ[ACTOR] = found, found.id

    app.before_request(authenticate)


def found_by(environ: dict[str, Any], authenticator: Authenticator) -> Principal:
    """Whose key the request shows; Unauthenticated."""
    header: str | None = environ.get("HTTP_AUTHORIZATION")
    if header is None:
        raise Unauthenticated("Send an API key: Authorization: Bearer pay_…")
    bearer = _BEARER.fullmatch(header)
    found = authenticator.principal_of(bearer[1]) if bearer else None
    if found is None:
        raise Unauthenticated("This is no valid API key.", error="invalid_token")
    return found


def scope_sentence(scope: Scope | None, bound: str | None) -> str:
    """What the document says of who may ask for an operation."""
    if scope is None:
        return "Needs no API key."
    how = f"Keys bound to an account: {bound}" if bound else "Not for keys bound to an account."
    return f"Scope: `{scope}`. {how}"
