"""Read query parameters: each at most once, none that is unknown."""

from typing import Any
from urllib.parse import unquote_to_bytes

from flask import request

from entrypoints.http.loader import Loader
from entrypoints.http.metadata_filter import nested
from entrypoints.http.request_errors import FieldError, ValidationFailed


def read_query(loader: Loader) -> dict[str, Any]:
    """The parameters by name, checked; ValidationFailed names a wrong one as `?name`."""
    query = request.environ.get("QUERY_STRING")
    if not query:
        return loader.load({}, "?")
    _check_utf8(query)
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise ValidationFailed(
            [FieldError(f"?{name}", "Given more than once.") for name in repeated]
        )
    return loader.load_query(nested(request.args.to_dict(), loader.objects))


def _check_utf8(query: str) -> None:
    """What is not UTF-8 would otherwise be read as other text than was sent."""
    try:
        unquote_to_bytes(query).decode("utf-8")
    except UnicodeDecodeError:
        fault = FieldError("?", "The query string is not UTF-8.")
        raise ValidationFailed([fault]) from None
