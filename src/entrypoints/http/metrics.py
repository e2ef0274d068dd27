"""Numbers about the service, for Prometheus."""

from flask import request
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from domain.errors import Forbidden
from entrypoints.http.answers import Answer
from entrypoints.http.blueprint import SCHEME, Blueprint
from entrypoints.http.fields import RequestSchema
from entrypoints.http.loader import Loader
from entrypoints.http.metrics_access import admit_reader
from entrypoints.http.openapi_headers import answer_headers
from entrypoints.http.openapi_problems import PROBE_ERRORS, problem_responses
from entrypoints.http.query import read_query
from entrypoints.http.request_errors import NotAcceptable, RateLimited, Unauthenticated
from entrypoints.http.services import Services

DESCRIPTION = "For Prometheus, or whatever reads its formats."
TEXT = "text/plain"
OPENMETRICS = "application/openmetrics-text"
EXAMPLE = """\
# HELP payments_workers Processes that serve HTTP.
# TYPE payments_workers gauge
payments_workers 2.0
"""
ERRORS = (*PROBE_ERRORS, Unauthenticated, RateLimited, Forbidden)
_NO_QUERY = Loader(RequestSchema())


def metrics_blueprint(services: Services) -> Blueprint:
    """One page with all numbers."""
    blueprint = Blueprint("metrics", services, description=DESCRIPTION)

    def view() -> Answer:
        """Read the metrics of all workers

        In the text format of Prometheus, or as OpenMetrics when the Accept header asks for it.

        Scope: `metrics:read`; from the machine of the service itself no key is needed."""
        admit_reader(
            request.environ,
            services.authenticator,
            services.rate_limits,
            open_to_all=services.metrics_open,
        )
        _check_accept(request.headers.get("Accept"))
        read_query(_NO_QUERY)
        text, content_type = services.show_metrics(request.headers.get("Accept", ""))
        return Answer(text, mimetype=content_type)

    documented = blueprint.doc(
        operationId="getMetrics",
        security=[{SCHEME: []}, {}],
        responses={200: _documented_answer(), **problem_responses(ERRORS, "GET")},
    )(view)
    blueprint.add_url_rule("/metrics", "getMetrics", documented, methods=["GET"])
    return blueprint


def _check_accept(accept: str | None) -> None:
    if accept:
        wanted = parse_accept_header(accept, MIMEAccept)
        if not (wanted.quality(TEXT) or wanted.quality(OPENMETRICS)):
            raise NotAcceptable(f"This answer is {TEXT} or {OPENMETRICS}.")


def _documented_answer() -> dict[str, object]:
    form = {"schema": {"type": "string"}, "example": EXAMPLE}
    openmetrics = {"schema": {"type": "string"}, "example": EXAMPLE + "# EOF\n"}
    return {
        "description": f"`{CONTENT_TYPE_PLAIN_0_0_4}` or `{CONTENT_TYPE_LATEST}`.",
        "headers": answer_headers([]),
        "content": {TEXT: form, OPENMETRICS: openmetrics},
    }
