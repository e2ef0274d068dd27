"""Build the Flask app from the services that the container hands in."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import flask_smorest
from flask import Flask

from entrypoints.http.accounts import accounts_blueprint
from entrypoints.http.health import health_blueprint
from entrypoints.http.openapi_parts import HEADERS
from entrypoints.http.postings import postings_blueprint
from entrypoints.http.problem_pages import register_problem_pages
from entrypoints.http.problems import register_problems
from entrypoints.http.reference_docs import register_reference_docs
from entrypoints.http.replenishments import replenishments_blueprint
from entrypoints.http.request_id import set_request_id
from entrypoints.http.security_headers import complete
from entrypoints.http.services import Services
from entrypoints.http.transactions import transactions_blueprint
from entrypoints.http.transfers import transfers_blueprint
from entrypoints.http.wallets import wallets_blueprint

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

VERSION = "0.1.0"
ABOUT = """\
Accounts own wallets; wallets are replenished and paid between. Every movement of money is a
double-entry transaction that is never edited, lost or done twice.

**Amounts** are integers in minor units beside a currency: `1050` with `USD` is 10.50 USD.
**Times** are RFC 3339 in UTC. **Ids** are UUIDs.

**Repeating a request is safe.** Every POST that moves money needs an `Idempotency-Key`. The same key
with the same body gives the first answer again, refusals included, with `Idempotency-Replayed: true`.
Whoever gets no answer, or a 5xx, sends the same request with the same key once more.

**Errors** are `application/problem+json` (RFC 9457) with a stable `code`; [/problems](/problems)
explains each. **Lists** are newest first; follow `next_cursor` (or the `Link` header) for more.
Unknown fields and unknown query parameters are refused.
"""
RESOURCES = (
    accounts_blueprint,
    wallets_blueprint,
    postings_blueprint,
    replenishments_blueprint,
    transfers_blueprint,
    transactions_blueprint,
    health_blueprint,
)


class PaymentsApp(Flask):
    """Flask, with each request's id set before everything and the common headers after everything."""

    def __init__(self, services: Services) -> None:
        super().__init__("payments", static_folder=None)
        self._new_id = services.new_id

    def wsgi_app(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        request_id = set_request_id(environ, self._new_id)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, complete(headers, request_id), exc_info)

        return super().wsgi_app(environ, start)


def build_app(services: Services) -> Flask:
    """The whole HTTP interface, its documents and pages included."""
    app = PaymentsApp(services)
    # Paths mean what they say: no redirects from //v1 or /v1/accounts/.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = True
    app.config.update(
        API_TITLE="Simple Payments",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        PROPAGATE_EXCEPTIONS=False,
    )
    api = _Api(app, spec_kwargs=_spec_options())
    for name, header in HEADERS.items():
        api.spec.components.header(name, header)
    for resource in RESOURCES:
        api.register_blueprint(resource(services))
    register_problems(app)
    register_problem_pages(app)
    register_reference_docs(app, api)
    return app


class _Api(flask_smorest.Api):
    """Each operation lists its own errors, so there is no default one."""

    DEFAULT_ERROR_RESPONSE_NAME = None


def _spec_options() -> dict[str, Any]:
    return {
        "info": {"description": ABOUT, "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": "/"}],
    }
