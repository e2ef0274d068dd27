"""Content negotiation: there is one form of each answer, JSON."""

from functools import lru_cache
from typing import Any

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from entrypoints.http.answers import JSON
from entrypoints.http.request_errors import NotAcceptable


def check_accept(environ: dict[str, Any]) -> None:
    """NotAcceptable when the Accept header excludes JSON."""
    accept = environ.get("HTTP_ACCEPT")
    if accept and not _accepts_json(accept):
        raise NotAcceptable("This answer is application/json, which the Accept header excludes.")


@lru_cache(maxsize=256)
def _accepts_json(accept: str) -> bool:
    return parse_accept_header(accept, MIMEAccept).quality(JSON) > 0
