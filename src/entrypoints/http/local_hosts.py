"""Without API keys, whoever calls this machine by a name of others is not answered.

A page of another site can have its own name point to 127.0.0.1 a moment later (DNS rebinding): for the
browser it still speaks to its own site, and may read the answers. Its requests carry that name as Host.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from domain.errors import Forbidden
from entrypoints.http.json_text import dumps_safely
from entrypoints.http.problems import PROBLEM_JSON, problem_body
from entrypoints.http.request_id import set_request_id
from entrypoints.http.security_headers import complete
from service_layer.ports import NewId

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DETAIL = "Without API keys this service answers to localhost, 127.0.0.1 or [::1] alone."
STATUS = "403 Forbidden"
# RFC 6761, 6.3: names below localhost, too, are this machine's.
_LOCAL = re.compile(
    r"(?:(?:[a-z0-9-]+\.)*localhost\.?|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]+)?", re.IGNORECASE
)


def local_hosts_alone(app: "WSGIApplication", new_id: NewId) -> "WSGIApplication":
    """The application for requests whose Host is a name or an address of this machine."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if _LOCAL.fullmatch(environ.get("HTTP_HOST", "")):
            return app(environ, start_response)
        request_id = set_request_id(environ, new_id)
        body = dumps_safely(problem_body(Forbidden(DETAIL), request_id))
        headers = [("Content-Type", PROBLEM_JSON), ("Content-Length", str(len(body)))]
        start_response(STATUS, complete(headers, request_id))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    return answer
