"""Answer 304 when the client already has the representation."""

from hashlib import blake2b
from typing import Any

import orjson
from flask import request

from entrypoints.http.answers import Answer, Headers


def etag_of(body: bytes) -> str:
    """A strong tag: other bytes, other tag."""
    return f'"{blake2b(body, digest_size=16).hexdigest()}"'


def tagged_answer(representation: dict[str, Any]) -> Answer:
    """The representation with its ETag, or 304 when If-None-Match names that (RFC 9110)."""
    return tagged_bytes(orjson.dumps(representation))


def tagged_bytes(body: bytes, headers: Headers = ()) -> Answer:
    """The same of a body that is already JSON, with more headers."""
    tag = etag_of(body)
    headers = [("ETag", tag), *headers]
    if "HTTP_IF_NONE_MATCH" in request.environ and request.if_none_match.contains_weak(tag[1:-1]):
        return NotModified(headers)
    return Answer(body, headers=headers)


class NotModified(Answer):
    """304 has no body, so no Content-Type and no Content-Length either."""

    def __init__(self, headers: Headers) -> None:
        super().__init__(b"", 304, headers)
        del self.headers["Content-Type"]
        del self.headers["Content-Length"]
