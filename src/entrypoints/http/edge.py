"""What stands before the application: proxies, other sites' pages, a server that stops."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.middleware.proxy_fix import ProxyFix

from entrypoints.http.cors import with_cors
from service_layer.ports import NewId

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def never() -> bool:
    """For servers that just end."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Nothing is trusted, allowed or promised unless it is asked for."""

    trusted_hops: int = 0
    allowed_origins: frozenset[str] = frozenset()
    hsts_seconds: int = 0
    is_draining: Callable[[], bool] = never


def at_the_edge(app: "WSGIApplication", edge: Edge, new_id: NewId) -> "WSGIApplication":
    """The application behind what is asked for; what is not costs nothing."""
    if edge.allowed_origins:
        app = with_cors(app, edge.allowed_origins, new_id)
    if edge.hsts_seconds:
        app = _with_hsts(app, edge.hsts_seconds)
    if edge.trusted_hops:
        # The host is never read, so it is nobody's to forward.
        hops = edge.trusted_hops
        app = ProxyFix(app, x_for=hops, x_proto=hops, x_host=0, x_port=0, x_prefix=0)
    return app


def _with_hsts(app: "WSGIApplication", seconds: int) -> "WSGIApplication":
    promise = ("Strict-Transport-Security", f"max-age={seconds}; includeSubDomains")

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Over http browsers must ignore it (RFC 6797, 7.2), so it is not said there."""

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, promise], exc_info)

        return app(environ, start if environ["wsgi.url_scheme"] == "https" else start_response)

    return answer
