"""Lets the pages of listed origins call the API: the fetch standard's CORS protocol, without cookies.

No credentials mode: keys are sent in a header by whoever has them, never by a browser on its own. So there is
no Access-Control-Allow-Credentials, and an origin is answered with itself or not at all.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from entrypoints.http.request_id import set_request_id
from entrypoints.http.security_headers import complete
from service_layer.ports import NewId

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REMEMBERED_SECONDS = 600
SENT = "Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Request-Id"
SHOWN = "ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
METHODS = "GET, HEAD, POST, PATCH, DELETE"
# Caches must not give one origin's answer to another.
VARY = ("Vary", "Origin")


def with_cors(app: "WSGIApplication", origins: frozenset[str], new_id: NewId) -> "WSGIApplication":
    """The application for browsers, too; a preflight never reaches it, since it carries no key."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN")
        allowed = [("Access-Control-Allow-Origin", origin)] if origin in origins else []
        if allowed and _is_preflight(environ):
            headers = [*allowed, *_preflight_headers()]
            start_response("204 No Content", complete(headers, set_request_id(environ, new_id)))
            return []
        shown = [("Access-Control-Expose-Headers", SHOWN)] if allowed else []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, VARY, *allowed, *shown], exc_info)

        return app(environ, start)

    return answer


def _is_preflight(environ: "WSGIEnvironment") -> bool:
    asked = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    return asked and environ["REQUEST_METHOD"] == "OPTIONS"


def _preflight_headers() -> list[tuple[str, str]]:
    return [
        ("Access-Control-Allow-Methods", METHODS),
        ("Access-Control-Allow-Headers", SENT),
        ("Access-Control-Max-Age", str(REMEMBERED_SECONDS)),
        VARY,
    ]
