"""What is seen of each request when it has been answered: to be counted, or to be logged.

Nothing of it is the client's own words but the request's id, which is sane.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from flask import Request

from entrypoints.http.request_id import REQUEST_ID
from entrypoints.http.services import Count

STATUS = "payments.status"
ROUTE = "payments.route"
PROBLEM = "payments.problem"
ACTOR = "payments.actor"
"""Set by whoever finds out who has sent the request: the id of an API key, never its secret."""
NOWHERE = "unmatched"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD = "OTHER"
_VARIABLE = re.compile("<(?:[^:<>]+:)?([a-z_]+)>")


class Seen(NamedTuple):
    """One request, answered; `route` is the template of its path, `code` that of a problem."""

    request_id: str
    actor: str | None
    method: str
    route: str
    status: str
    code: str | None
    seconds: float


def _log_nothing(_seen: Seen) -> None:
    """Requests are logged where somebody says so: by a server, not by an app inside other people's tests."""


class Watch:
    """Tells of every request."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self.log: Callable[[Seen], None] = _log_nothing

    def answered(self, environ: dict[str, Any], seconds: float) -> None:
        """Without a status the request has ended in an error that Flask itself did not survive."""
        get = environ.get
        method = environ["REQUEST_METHOD"]
        seen = Seen(
            environ[REQUEST_ID],
            get(ACTOR),
            method if method in METHODS else OTHER_METHOD,
            get(ROUTE, NOWHERE),
            get(STATUS, "500")[:3],
            get(PROBLEM),
            seconds,
        )
        self._count(seen.route, seen.method, seen.status, seen.code, seconds)
        self.log(seen)


def note_route(request: Request) -> None:
    """Remember which route this request has taken, if any."""
    rule = request.url_rule
    if rule is not None:
        request.environ[ROUTE] = _template(rule.rule)


@cache
def _template(rule: str) -> str:
    """As the OpenAPI document writes it: /v1/wallets/{wallet_id}."""
    return _VARIABLE.sub(r"{\1}", rule)
