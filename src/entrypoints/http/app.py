"""Build the Flask app from the services that the container hands in."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flask import (
    Flask,
    Request,
    Response,
    appcontext_tearing_down,
    request_tearing_down,
)
from flask.globals import request_ctx
from werkzeug.routing import MapAdapter

from entrypoints.http.accounts import accounts_blueprint
from entrypoints.http.api_keys import api_keys_blueprint
from entrypoints.http.asking import bound_to
from entrypoints.http.audit_entries import audit_entries_blueprint
from entrypoints.http.auth import authenticate_everything
from entrypoints.http.balances import balances_blueprint
from entrypoints.http.batches import batches_blueprint
from entrypoints.http.conversions import conversions_blueprint
from entrypoints.http.currencies import currencies_blueprint
from entrypoints.http.cursors import authenticate_cursors
from entrypoints.http.edge import at_the_edge
from entrypoints.http.events import events_blueprint
from entrypoints.http.health import health_blueprint
from entrypoints.http.holds import holds_blueprint
from entrypoints.http.integrity import integrity_blueprint
from entrypoints.http.metrics import metrics_blueprint
from entrypoints.http.postings import postings_blueprint
from entrypoints.http.problem_pages import register_problem_pages
from entrypoints.http.problems import register_problems
from entrypoints.http.proofs import proofs_blueprint
from entrypoints.http.quotes import quotes_blueprint
from entrypoints.http.rate_limits import rate_headers
from entrypoints.http.reference_docs import register_reference_docs
from entrypoints.http.replenishments import replenishments_blueprint
from entrypoints.http.request_id import set_request_id
from entrypoints.http.reversals import reversals_blueprint
from entrypoints.http.seals import seals_blueprint
from entrypoints.http.security_headers import complete
from entrypoints.http.services import Services
from entrypoints.http.splits import splits_blueprint
from entrypoints.http.statements import statements_blueprint
from entrypoints.http.transactions import transactions_blueprint
from entrypoints.http.transfers import transfers_blueprint
from entrypoints.http.trial_balance import trial_balance_blueprint
from entrypoints.http.wallets import wallets_blueprint
from entrypoints.http.watch import STATUS, Watch, note_route
from entrypoints.http.webhook_deliveries import webhook_deliveries_blueprint
from entrypoints.http.webhook_endpoints import webhook_endpoints_blueprint
from entrypoints.http.withdrawals import withdrawals_blueprint
from service_layer.cached_history import CachedHistory
from service_layer.guarded_history import GuardedHistory
from service_layer.guarded_hold_queries import GuardedHoldQueries
from service_layer.guarded_queries import GuardedQueries

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

RESOURCES = (
    accounts_blueprint,
    wallets_blueprint,
    currencies_blueprint,
    postings_blueprint,
    balances_blueprint,
    statements_blueprint,
    replenishments_blueprint,
    withdrawals_blueprint,
    transfers_blueprint,
    splits_blueprint,
    holds_blueprint,
    quotes_blueprint,
    conversions_blueprint,
    transactions_blueprint,
    reversals_blueprint,
    batches_blueprint,
    proofs_blueprint,
    seals_blueprint,
    integrity_blueprint,
    api_keys_blueprint,
    events_blueprint,
    audit_entries_blueprint,
    webhook_endpoints_blueprint,
    webhook_deliveries_blueprint,
    trial_balance_blueprint,
    health_blueprint,
    metrics_blueprint,
)


class PaymentsApp(Flask):
    """Flask, with each request's id set before everything and the common headers after everything."""

    def __init__(self, services: Services) -> None:
        super().__init__("payments", static_folder=None)
        self._new_id = services.new_id
        self.watch = Watch(services.count)
        self._is_draining = services.edge.is_draining

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Match by path alone: no URL with a host is ever built here, so the Host header is not read."""
        if request is None:
            return None
        return MapAdapter(
            self.url_map, "", request.root_path, "", request.scheme, request.path, request.method
        )

    def wsgi_app(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        began = perf_counter()
        request_id = set_request_id(environ, self._new_id)
        if environ.get("PATH_INFO", "").startswith("//"):
            # Werkzeug takes leading slashes away: //v1 would be another way to write /v1.
            environ["PATH_INFO"] = f"/.{environ['PATH_INFO']}"

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            environ[STATUS] = status
            if self._is_draining():  # the client's next request finds another connection
                headers = [*headers, ("Connection", "close")]
            return start_response(
                status, complete([*headers, *rate_headers(environ)], request_id), exc_info
            )

        try:
            return super().wsgi_app(environ, start)
        finally:
            self.watch.answered(environ, perf_counter() - began)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """None of our views is a coroutine, which Flask would find out for each request anew."""
        return func

    def process_response(self, response: Response) -> Response:
        """The last moment at which Flask still knows the route."""
        note_route(request_ctx.request)
        return super().process_response(response)

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """Flask asks each blueprint whether something is to be done, which takes as long as doing it."""
        if self.teardown_request_funcs or request_tearing_down.receivers:
            super().do_teardown_request(exc)

    def do_teardown_appcontext(self, exc: BaseException | None = None) -> None:
        """The same."""
        if self.teardown_appcontext_funcs or appcontext_tearing_down.receivers:
            super().do_teardown_appcontext(exc)

    def log_exception(self, exc_info: Any) -> None:
        """In Flask's words it would have the path, which is the client's."""
        self.logger.error("a request met an unexpected error", exc_info=exc_info)


def _guarded(services: Services) -> Services:
    """What views read through: a caller that is bound to an account sees nothing else."""
    queries = GuardedQueries(services.queries, bound_to)
    hold_queries = GuardedHoldQueries(services.hold_queries, queries, bound_to)
    lines_kept = CachedHistory(history=services.history, cache=services.read_cache)
    history = GuardedHistory(lines_kept, queries, bound_to)
    return replace(services, queries=queries, hold_queries=hold_queries, history=history)


def build_app(services: Services) -> Flask:
    """The whole HTTP interface, its documents and pages included."""
    app = PaymentsApp(services)
    # Paths mean what they say: there are no redirects, /v1/accounts/ is not /v1/accounts.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    authenticate_everything(app, services.authenticator, services.rate_limits)
    authenticate_cursors(app, services.cursor_key)
    guarded = _guarded(services)
    blueprints = [resource(guarded) for resource in RESOURCES]
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    register_problems(app)
    register_problem_pages(app)
    register_reference_docs(app, blueprints)
    app.wsgi_app = at_the_edge(app.wsgi_app, services.edge, services.new_id)  # type: ignore[assignment, method-assign]
    return app
