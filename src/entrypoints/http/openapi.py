"""The OpenAPI document: what flask-smorest gathers, put in order."""

from collections.abc import Sequence
from typing import Any

import flask_smorest
from flask import Flask
from marshmallow import fields

from entrypoints.http.batch_items import Items
from entrypoints.http.blueprint import SCHEME
from entrypoints.http.fields import METADATA_KEY_LENGTH_MAX, Metadata
from entrypoints.http.metadata_filter import parameter_style
from entrypoints.http.objects import Objects
from entrypoints.http.openapi_headers import HEADERS
from entrypoints.http.openapi_problems import ProblemSchema
from entrypoints.http.openapi_rates import add_rate_headers
from entrypoints.http.text import PATTERN
from entrypoints.http.version import VERSION

ABOUT = """\
Accounts own wallets; wallets are replenished and paid between. Every movement of money is a
double-entry transaction that is never edited, lost or done twice.

**Amounts** are integers in minor units beside a currency: `1050` with `USD` is 10.50 USD.
**Times** are RFC 3339 in UTC. **Ids** are UUIDs.

**Repeating a request is safe.** Every POST that moves money needs an `Idempotency-Key`. The same key
with the same body gives the first answer again, refusals included, with `Idempotency-Replayed: true`.
Whoever gets no answer, or a 5xx, sends the same request with the same key once more.

**Every POST that moves money** can carry `conditions` on wallets, which are checked before its rules (409
`condition-failed`), or be a `dry_run`: 200 with what would be answered, with nothing done.

**Who may ask.** Everything under /v1 needs an API key: `Authorization: Bearer pay_…`, else 401
`unauthenticated`. Each operation names the scope that its key needs, else 403 `forbidden`; the scope `admin`
allows all. A key that is bound to an account sees and spends that account's wallets alone: what belongs to
others answers as if it did not exist, and of a payment to others it is told no more than that it was made
or, 422 `cannot-be-paid`, was not.

**How often.** Requests are counted on their key, those that write apart from those that read; a failed
authentication counts on its address. `RateLimit` says in each answer how many more there may be. Too many:
429 `rate-limited` with `Retry-After`; nothing was done, and the same request may be sent again.

**Errors** are `application/problem+json` (RFC 9457) with a stable `code`; [/problems](/problems)
explains each. Any path can answer 404 `not-found` or 405 `method-not-allowed` (with `Allow`).
Unknown fields and unknown query parameters are refused: 422 `validation-failed`, which names a query
parameter as `?name`. An id in a path that is no UUID names nothing: 404.

**Lists** are newest first; follow `next_cursor` (or the `Link` header) for more.
"""
SETTINGS = {"API_TITLE": "Simple Payments", "API_VERSION": VERSION, "OPENAPI_VERSION": "3.1.0"}
OPTIONS = {
    "info": {"description": ABOUT, "license": {"name": "MIT", "identifier": "MIT"}},
    "servers": [{"url": "/"}],
}

SECURITY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "pay_<prefix>_<secret>",
    "description": "An API key. `payments keys create` or POST /v1/api-keys makes one.",
}


class Api(flask_smorest.Api):
    """Each operation lists its own errors, so there is no default one."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = ProblemSchema


def make_document(blueprints: Sequence[flask_smorest.Blueprint]) -> dict[str, Any]:
    """The document in JSON types.

    It is gathered in an app of its own, when somebody asks for it: that takes longer than to make an app
    that serves.
    """
    api = _make_api(Flask("openapi"))
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    document: dict[str, Any] = api.spec.to_dict()
    document["components"]["schemas"].pop("PaginationMetadata", None)
    for operations in document["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict):
                _put_in_order(operation)
                add_rate_headers(operation)
    return document


def _put_in_order(operation: dict[str, Any]) -> None:
    """Responses in the order of their status."""
    responses = {str(status): response for status, response in operation["responses"].items()}
    operation["responses"] = dict(sorted(responses.items()))


def _make_api(app: Flask) -> Api:
    app.config.update(SETTINGS)
    api = Api(app, spec_kwargs=OPTIONS)
    converter = api.ma_plugin.converter
    if converter is None:
        raise RuntimeError("flask-smorest has not initialized its marshmallow plugin")
    converter.add_attribute_function(_further_rules)  # type: ignore[no-untyped-call]
    converter.add_parameter_attribute_function(parameter_style)
    for name, header in HEADERS.items():
        api.spec.components.header(name, header)
    api.spec.components.security_scheme(SCHEME, SECURITY_SCHEME)
    return api


def _further_rules(converter: Any, field: fields.Field[Any], **_kwargs: Any) -> dict[str, Any]:
    """The rules for lists and for the keys of metadata, which apispec does not know by itself."""
    if isinstance(field, Objects):
        return field.rules
    if isinstance(field, Items):
        kinds = [reader.schema for reader in field.readers.values()]
        return {"items": {"oneOf": [converter.resolve_nested_schema(each) for each in kinds]}}
    if not isinstance(field, Metadata):
        return {}
    return {
        "propertyNames": {
            "minLength": 1,
            "maxLength": METADATA_KEY_LENGTH_MAX,
            "pattern": PATTERN,
        }
    }
