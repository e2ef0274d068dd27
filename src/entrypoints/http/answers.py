"""Answers: a JSON body with complete headers, encoded once."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

JSON = "application/json"
Headers = Iterable[tuple[str, str]]


class Answer(Response):
    """A finished answer: its body is bytes and its headers are complete.

    A plain list goes to the server, which then sends head and body at once; werkzeug's own way computes
    the headers again and wraps the body. So an answer has no call_on_close either.
    """

    default_mimetype = JSON

    def __init__(
        self, body: bytes, status: int = 200, headers: Headers = (), mimetype: str = JSON
    ) -> None:
        about_body = (("Content-Type", mimetype), ("Content-Length", str(len(body))))
        super().__init__([body], status, [*about_body, *headers])

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        start_response(self.status, self.headers.to_wsgi_list())
        if environ["REQUEST_METHOD"] == "HEAD":
            return []
        return self.response  # type: ignore[return-value]


def json_answer(body: Any, status: int = 200, headers: Headers = ()) -> Answer:
    """`body` in JSON types, as JSON in UTF-8."""
    return Answer(orjson.dumps(body), status, headers)
