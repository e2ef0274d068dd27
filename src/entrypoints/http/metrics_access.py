"""Who may read /metrics: the one place that decides it.

The numbers name nobody, but they tell how much business there is. So with API keys a reader needs the scope
`metrics:read`, unless PAYMENTS_METRICS_OPEN says otherwise, or the reader is on this machine.
"""

import ipaddress
from typing import Any

SCOPE = "metrics:read"
FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_VIA")


def needs_key(environ: dict[str, Any], *, open_to_all: bool) -> bool:
    """Whether a reader has to show a key with SCOPE."""
    return not open_to_all and not _is_local(environ)


def _is_local(environ: dict[str, Any]) -> bool:
    """A proxy on this machine speaks for others, and says so in a header."""
    if any(name in environ for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(environ.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
