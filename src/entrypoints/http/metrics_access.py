"""Who may read /metrics: the one place that decides it.

The numbers name nobody, but they tell how much business there is. So a reader needs a key with the scope
`metrics:read`, unless PAYMENTS_METRICS_OPEN says otherwise, or the reader is on this machine.
"""

import ipaddress
from typing import Any

from domain.errors import Forbidden
from domain.scope import Scope
from entrypoints.http.auth import found_by
from entrypoints.http.watch import ACTOR
from service_layer.authenticate import Authenticator
from service_layer.rate_limits import RateLimits

FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_VIA")


def admit_reader(
    environ: dict[str, Any],
    authenticator: Authenticator | None,
    limits: RateLimits,
    *,
    open_to_all: bool,
) -> None:
    """RateLimited, Unauthenticated, Forbidden; without an authenticator nobody needs a key for anything."""
    if authenticator is None or not needs_key(environ, open_to_all=open_to_all):
        return
    found = found_by(environ, authenticator, limits)
    environ[ACTOR] = found.id
    if not found.has(Scope.METRICS_READ):
        raise Forbidden(f"This key does not have the scope {Scope.METRICS_READ}.")


def needs_key(environ: dict[str, Any], *, open_to_all: bool) -> bool:
    """Whether a reader has to show a key."""
    return not open_to_all and not _is_local(environ)


def _is_local(environ: dict[str, Any]) -> bool:
    """A proxy on this machine speaks for others, and says so in a header."""
    if any(name in environ for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(environ.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
