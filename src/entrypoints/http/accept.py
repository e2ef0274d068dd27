"""Content negotiation: most answers have one form, JSON."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from entrypoints.http.answers import JSON
from entrypoints.http.request_errors import NotAcceptable

JSON_ALONE = (JSON,)


def check_accept(environ: dict[str, Any], forms: Sequence[str] = JSON_ALONE) -> str:
    """The form that the Accept header likes best, the first of equals; NotAcceptable when it excludes all."""
    accept = environ.get("HTTP_ACCEPT")
    best = _best(accept, tuple(forms)) if accept else forms[0]
    if best is None:
        raise NotAcceptable(
            f"This answer is {' or '.join(forms)}, which the Accept header excludes."
        )
    return best


@lru_cache(maxsize=256)
def _best(accept: str, forms: tuple[str, ...]) -> str | None:
    return parse_accept_header(accept, MIMEAccept).best_match(forms)
