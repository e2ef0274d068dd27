"""The answer of a service that has too much to do, prepared so that giving it takes next to nothing.

Nothing of the request is read but its id: neither its key nor its body, and no line is logged. What the
refused request would have cost goes to those that are inside.
"""

from collections.abc import Callable, Iterable
from random import random
from typing import TYPE_CHECKING

from domain.errors import Overloaded
from entrypoints.http.json_text import dumps_safely
from entrypoints.http.problems import PROBLEM_JSON, problem_body
from entrypoints.http.request_id import set_request_id
from entrypoints.http.security_headers import DEFAULTS
from service_layer.ports import NewId

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DETAIL = "The service has more to do than it can; nothing was done."
STATUS = "503 Service Unavailable"
RETRY_AFTER_SECONDS = (1, 2, 3, 4)
"""One of these at random, or those who were refused together would come back together."""
_MARK = "request-id"


def overloaded(new_id: NewId, is_draining: Callable[[], bool]) -> "WSGIApplication":
    """Answers every request with the problem `overloaded`."""
    head, tail = dumps_safely(problem_body(Overloaded(DETAIL), _MARK)).split(_MARK.encode())
    length = len(head) + len(tail)
    choices = tuple(
        [("Content-Type", PROBLEM_JSON), ("Retry-After", str(seconds)), *DEFAULTS]
        for seconds in RETRY_AFTER_SECONDS
    )

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request_id = set_request_id(environ, new_id)
        headers = [
            *choices[int(random() * len(choices))],  # noqa: S311 - a jitter, no secret
            ("X-Request-Id", request_id),
            ("Content-Length", str(length + len(request_id))),
        ]
        if is_draining():
            headers.append(("Connection", "close"))
        start_response(STATUS, headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            return []
        return [b"%s%s%s" % (head, request_id.encode(), tail)]  # sane: nothing to escape

    return answer
