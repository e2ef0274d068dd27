"""A span for each request, in the trace of whoever sent it.

It has the template of the path, never the path: nothing that the client has chosen but the ids.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

from entrypoints.http.request_id import REQUEST_ID
from entrypoints.http.watch import ACTOR, METHODS, NOWHERE, OTHER_METHOD, PROBLEM, ROUTE, STATUS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from opentelemetry.trace import Span, Tracer

HEADERS = {"traceparent": "HTTP_TRACEPARENT", "tracestate": "HTTP_TRACESTATE"}
OPTIONAL = {"payments.actor": ACTOR, "payments.problem": PROBLEM}


def trace_requests(app: Flask, tracer: "Tracer") -> None:
    """From now on."""
    app.wsgi_app = _traced(app.wsgi_app, tracer)  # type: ignore[method-assign, assignment]


def _traced(wsgi_app: "WSGIApplication", tracer: "Tracer") -> "WSGIApplication":
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    parent_of = TraceContextTextMapPropagator().extract

    def traced(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        carrier = {name: environ[key] for name, key in HEADERS.items() if key in environ}
        with tracer.start_as_current_span(
            "HTTP",
            parent_of(carrier),
            kind=SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                return wsgi_app(environ, start_response)
            finally:
                _describe(span, environ)

    return traced


def _describe(span: "Span", environ: dict[str, Any]) -> None:
    from opentelemetry.trace import Status, StatusCode

    method = environ["REQUEST_METHOD"]
    method = method if method in METHODS else OTHER_METHOD
    route = environ.get(ROUTE, NOWHERE)
    status = int(environ.get(STATUS, "500")[:3])
    span.update_name(f"{method} {route}")
    span.set_attribute("http.request.method", method)
    span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)
    span.set_attribute("payments.request_id", environ[REQUEST_ID])
    for name, key in OPTIONAL.items():
        if key in environ:
            span.set_attribute(name, environ[key])
    if status >= 500:
        span.set_status(Status(StatusCode.ERROR))
