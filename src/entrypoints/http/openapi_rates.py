"""What answers say of rates, for the OpenAPI document."""

from typing import Any

from entrypoints.http.openapi_headers import answer_headers

NAMES = ("RateLimit-Policy", "RateLimit")


def add_rate_headers(operation: dict[str, Any]) -> None:
    """To every answer of what needs a key; the rest is not counted."""
    if operation.get("security"):
        for response in operation["responses"].values():
            response.setdefault("headers", {}).update(answer_headers(NAMES))
