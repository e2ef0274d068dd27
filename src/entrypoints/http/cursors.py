"""Cursors say what was seen last, under a code that only the service can make."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

import orjson
from flask import Flask, current_app

from entrypoints.http.asking import principal

CURSOR_LENGTH_MAX = 500
_CODE_BYTES = 16
_CURSORS = "payments.cursors"
CursorKey = Callable[[], bytes]
"""The key of the installation, the same in all its processes."""


def authenticate_cursors(app: Flask, key: CursorKey) -> None:
    """From now on the cursors of this app are made and checked with that key."""
    app.extensions[_CURSORS] = key


def signed(list_name: str, last: str | int) -> str:
    """The cursor after `last` in that list, for whoever sent the current request and nobody else."""
    text = orjson.dumps(last)
    return _encoded(_code(list_name, text) + text)


def opened(list_name: str, cursor: str) -> object:
    """What was seen last; ValueError unless this very cursor was given out to the caller for that list."""
    if len(cursor) > CURSOR_LENGTH_MAX:
        raise ValueError("too long")
    decoded = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    code, text = decoded[:_CODE_BYTES], decoded[_CODE_BYTES:]
    # Base64 has several texts for the same bytes; one of them was given out.
    if not hmac.compare_digest(code, _code(list_name, text)) or _encoded(decoded) != cursor:
        raise ValueError("not authentic")
    return orjson.loads(text)


def _encoded(decoded: bytes) -> str:
    return urlsafe_b64encode(decoded).decode().rstrip("=")


def _code(list_name: str, text: bytes) -> bytes:
    key: CursorKey = current_app.extensions[_CURSORS]
    # As JSON the parts cannot run into each other.
    message = orjson.dumps(["cursor", list_name, principal().id]) + text
    return hmac.digest(key(), message, hashlib.sha256)[:_CODE_BYTES]
