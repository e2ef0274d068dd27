"""Read query parameters: each at most once, none that is unknown."""

from typing import Any

from flask import request

from entrypoints.http.loader import Loader
from entrypoints.http.request_errors import FieldError, ValidationFailed


def read_query(loader: Loader) -> dict[str, Any]:
    """The parameters by name, checked; ValidationFailed names a wrong one as `?name`."""
    if not request.environ.get("QUERY_STRING"):
        return loader.load({})
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise ValidationFailed(
            [FieldError(f"?{name}", "Given more than once.") for name in repeated]
        )
    return loader.load_query(request.args.to_dict())
