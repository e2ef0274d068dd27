"""Read a request's body: a JSON object, within its limit, whatever the client claims."""

from functools import lru_cache
from typing import Any

from werkzeug.http import parse_options_header

from entrypoints.http.json_text import loads_strictly
from entrypoints.http.request_errors import (
    BadRequest,
    BodyTooLarge,
    LengthRequired,
    MalformedJson,
    RequestTimeout,
    UnsupportedMediaType,
)


def has_body(environ: dict[str, Any]) -> bool:
    """Whether the request has a body. A Content-Type alone is none: many clients send it with every POST."""
    length = environ.get("CONTENT_LENGTH")
    if length:
        return bool(length != "0")
    return "HTTP_TRANSFER_ENCODING" in environ


def read_json_object(environ: dict[str, Any], bytes_max: int) -> dict[str, Any]:
    """Errors, in the order they are checked: UnsupportedMediaType, BodyTooLarge, RequestTimeout,
    MalformedJson."""
    content_type = environ.get("CONTENT_TYPE", "")
    if not _is_json(content_type):
        raise UnsupportedMediaType(
            f"The body is {content_type[:64]!r}; it must be application/json."
            if content_type
            else "The request has no Content-Type; it must be application/json."
        )
    encoding = environ.get("HTTP_CONTENT_ENCODING", "identity")
    if encoding.lower() != "identity":
        # What is packed into a small body may be of any size.
        raise UnsupportedMediaType("The body has a Content-Encoding; it must be sent as it is.")
    try:
        text = _read(environ, bytes_max)
    except TimeoutError:
        raise RequestTimeout("The body did not arrive in time.") from None
    body = loads_strictly(text)
    if type(body) is not dict:
        raise MalformedJson("The body must be a JSON object.")
    return body


@lru_cache(maxsize=64)
def _is_json(content_type: str) -> bool:
    media_type, options = parse_options_header(content_type)
    main, _, sub = media_type.lower().partition("/")
    json = main == "application" and (sub == "json" or sub.endswith("+json"))
    return json and options.get("charset", "utf-8").lower() in ("utf-8", "utf8")


def _read(environ: dict[str, Any], bytes_max: int) -> bytes:
    length = environ.get("CONTENT_LENGTH")
    if not length:
        return _read_unmeasured(environ, bytes_max)
    if not (length.isascii() and length.isdigit()):
        raise BadRequest("Content-Length is not a number.")
    if len(length) > 18 or int(length) > bytes_max:
        raise _too_large(bytes_max)
    body: bytes = environ["wsgi.input"].read(int(length))
    if len(body) < int(length):
        raise MalformedJson("The body ended before its Content-Length.")
    return body


def _read_unmeasured(environ: dict[str, Any], bytes_max: int) -> bytes:
    """A chunked body, counted while it is read: one byte more than allowed proves it too large."""
    if "HTTP_TRANSFER_ENCODING" not in environ:
        raise MalformedJson("The request has no body.")
    if not environ.get("wsgi.input_terminated"):
        raise LengthRequired("Send the body with a Content-Length.")
    body = bytearray()
    while len(body) <= bytes_max:
        chunk = environ["wsgi.input"].read(bytes_max + 1 - len(body))
        if not chunk:
            return bytes(body)
        body += chunk
    raise _too_large(bytes_max)


def _too_large(bytes_max: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body may have {bytes_max} bytes at most.", limit=bytes_max)
