"""An order is a POST that has passed every check before the rules of money are asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request
from marshmallow import Schema

from domain.idempotency import IdempotencyKey
from entrypoints.http.accept import check_accept
from entrypoints.http.asking import principal_in
from entrypoints.http.body import has_body, read_json_object
from entrypoints.http.fields import RequestSchema
from entrypoints.http.idempotency import fingerprint, idempotency_key, read_key
from entrypoints.http.loader import Loader
from entrypoints.http.query import read_query
from entrypoints.http.request_id import REQUEST_ID
from entrypoints.http.services import Services
from service_layer.authenticate import Principal
from service_layer.command import Caller
from service_layer.ports import NewId

_NO_QUERY = Loader(RequestSchema())


@dataclass(slots=True, kw_only=True)
class Order:
    """`fields` are the checked values by name, `path` the ids in the path as text.

    `id` is for what will be made, `new_id` gives ids for what comes with it. What every request that moves
    money can have, `conditions` or `dry_run`, is with its caller.
    """

    id: UUID
    caller: Caller
    path: Mapping[str, str]
    fields: dict[str, Any]
    new_id: NewId


class OrderReader:
    """Reads the orders of one operation; `operation` is its name for good, kept in fingerprints."""

    def __init__(
        self,
        services: Services,
        operation: str,
        schema: Schema,
        *,
        key_required: bool,
        body_required: bool = True,
        bytes_max: int | None = None,
    ) -> None:
        self._new_id = services.new_id
        self._bytes_max = bytes_max or services.limits.body_bytes_max
        self._operation = operation
        self._loader = Loader(schema)
        self._key_required = key_required
        self._body_required = body_required

    def read(self, path_ids: dict[str, str]) -> Order:
        """The order in the current request. Errors, in the order they are checked: NotAcceptable, those
        of the body's syntax, those of the key, ValidationFailed."""
        environ = request.environ
        asking = principal_in(environ)
        check_accept(environ)
        given = self._body_required or has_body(environ)
        body = read_json_object(environ, self._bytes_max) if given else {}
        dry_run = body.get("dry_run") is True
        key = None if dry_run else read_key(environ, required=self._key_required)
        if environ.get("QUERY_STRING"):
            read_query(_NO_QUERY)
        values = self._loader.load(body)
        order_id = self._new_id()
        print_of_request = fingerprint(self._operation, path_ids, body)
        return make_order(
            id=order_id,
            request_id=environ[REQUEST_ID],
            asking=asking,
            key=idempotency_key(key, asking.id, order_id, print_of_request),
            path=path_ids,
            values=values,
            new_id=self._new_id,
        )


def make_order(
    *,
    id: UUID,
    request_id: str,
    asking: Principal,
    key: IdempotencyKey,
    path: Mapping[str, str],
    values: dict[str, Any],
    new_id: NewId,
) -> Order:
    """An order of checked values, its terms among them."""
    caller = Caller(
        actor=asking.id,
        bound_to=asking.account_id,
        request_id=request_id,
        key=key,
        conditions=values.pop("conditions", ()),
        dry_run=values.pop("dry_run", False),
    )
    return Order(id=id, caller=caller, path=path, fields=values, new_id=new_id)
