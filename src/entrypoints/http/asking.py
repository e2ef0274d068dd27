"""Who has sent the current request."""

from typing import Any
from uuid import UUID

from flask import has_request_context, request

from service_layer.authenticate import Principal

PRINCIPAL = "payments.principal"


def principal() -> Principal:
    """Who has sent the current request; RuntimeError where nobody was asked, which lets nobody in."""
    return principal_in(request.environ)


def principal_in(environ: dict[str, Any]) -> Principal:
    """The same of a request at hand."""
    found: Principal | None = environ.get(PRINCIPAL)
    if found is None:
        raise RuntimeError("an operation with a scope is reached without authentication")
    return found


def bound_to() -> UUID | None:
    """The account that the caller of the current request acts for alone; outside of requests nobody does."""
    return principal().account_id if has_request_context() else None
