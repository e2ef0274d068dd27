"""API keys: who may do what."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from domain import errors
from domain.api_key import ApiKey, hash_of, prefix_of
from domain.idempotency import Outcome
from domain.scope import Scope, fault_in_scopes
from entrypoints.http.answers import Answer
from entrypoints.http.api_key_answer import (
    COLLECTION,
    EXAMPLE,
    REVOKED_EXAMPLE,
    SHOWN_ONCE,
    ApiKeySchema,
)
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.etag import tagged_answer
from entrypoints.http.fields import Count, Id, Name, RequestSchema
from entrypoints.http.operations import Get, Post
from entrypoints.http.order import Order
from entrypoints.http.outcome_answer import outcome_answer
from entrypoints.http.paging import (
    PageQuery,
    page_answer,
    page_example,
    page_schema,
    read_id_cursor,
)
from entrypoints.http.path_ids import api_key_id_in_path
from entrypoints.http.request_errors import FieldError, ValidationFailed
from entrypoints.http.services import Services
from entrypoints.http.times import Time
from service_layer.api_key_json import api_key_to_json
from service_layer.command import Command
from service_layer.create_api_key import CreateApiKey
from service_layer.revoke_api_key import RevokeApiKey
from service_layer.rotate_api_key import (
    OVERLAP_SECONDS_DEFAULT,
    OVERLAP_SECONDS_MAX,
    RotateApiKey,
)

DESCRIPTION = (
    "Every request under /v1 needs an API key. A key has scopes, perhaps an end, and can be bound to one"
    " account. Only the hashes of its secrets are kept."
)
SCOPES = {scope.value: scope for scope in Scope}


class Scopes(fields.List[Any]):
    """Some of the scopes that there are, none twice."""

    def __init__(self, **kwargs: Any) -> None:
        known = fields.String(validate=validate.OneOf(list(SCOPES)))
        super().__init__(known, validate=validate.Length(1, len(SCOPES)), **kwargs)
        self.metadata = {"uniqueItems": True, **self.metadata}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        found: list[Any] = super()._deserialize(value, attr, data, **kwargs)
        if len(set(found)) < len(found):
            raise ValidationError("Must not name a scope twice.")
        return tuple(SCOPES[scope] for scope in found)


class ApiKeyRequest(RequestSchema):
    """What to allow whom."""

    name = Name(required=True, metadata={"description": "Whose key it is, for people."})
    scopes = Scopes(required=True, metadata={"description": "What it allows."})
    account_id = Id(
        allow_none=True,
        metadata={
            "description": "Bind it to this account, for an end user's app: it sees and spends this"
            " account's wallets alone. Then only some scopes are possible."
        },
    )
    expires_at = Time(
        allow_none=True, metadata={"description": "When it ends. Left out: never by itself."}
    )


class RotationRequest(RequestSchema):
    """How long both secrets are valid."""

    overlap_seconds = Count(
        minimum=0,
        load_default=OVERLAP_SECONDS_DEFAULT,
        metadata={
            "maximum": OVERLAP_SECONDS_MAX,
            "description": "How long the secret before is still valid, beside the new one.",
        },
    )


class RevocationRequest(RequestSchema):
    """Nothing more is needed; the body may be left out."""


def _create(order: Order) -> CreateApiKey:
    return CreateApiKey(id=order.id, caller=order.caller, **order.fields)


def _rotate(order: Order) -> RotateApiKey:
    id = api_key_id_in_path(order.path["api_key_id"])
    if order.fields["overlap_seconds"] > OVERLAP_SECONDS_MAX:
        fault = f"Must be an integer up to {OVERLAP_SECONDS_MAX}."
        raise ValidationFailed([FieldError("/overlap_seconds", fault)])
    return RotateApiKey(id=order.id, caller=order.caller, api_key_id=id, **order.fields)


def _revoke(order: Order) -> RevokeApiKey:
    id = api_key_id_in_path(order.path["api_key_id"])
    return RevokeApiKey(id=order.id, caller=order.caller, api_key_id=id)


CREATE = Post(
    rule=COLLECTION,
    id="createApiKey",
    name="api-key",
    scope=Scope.ADMIN,
    summary="Create an API key\n\nThe secret is in this answer and never again.",
    make=_create,
    collection=COLLECTION,
    resource="api-key",
    body=ApiKeyRequest,
    body_example={"name": "Shop", "scopes": ["accounts:write", "transfers:write"]},
    answer=ApiKeySchema,
    example=SHOWN_ONCE,
    tagged=True,
    errors=[errors.AccountNotFound, errors.ApiKeyNotActive],
    key_required=False,
)
ROTATE = Post(
    rule=f"{COLLECTION}/<api_key_id>/rotate",
    id="rotateApiKey",
    name="api-key-rotation",
    scope=Scope.ADMIN,
    summary="Give an API key a new secret\n\n"
    "The secret before stays valid for `overlap_seconds`, any older one ends at once. The new one is in this"
    " answer and never again. The key's id stays the same: it is still the same principal, whose idempotency"
    " keys still count.",
    make=_rotate,
    resource="api-key",
    body=RotationRequest,
    body_example={"overlap_seconds": 3600},
    body_required=False,
    status=200,
    answer=ApiKeySchema,
    example=SHOWN_ONCE,
    tagged=True,
    errors=[errors.ApiKeyNotFound, errors.ApiKeyNotActive],
    key_required=False,
)
REVOKE = Post(
    rule=f"{COLLECTION}/<api_key_id>/revoke",
    id="revokeApiKey",
    name="api-key-revocation",
    scope=Scope.ADMIN,
    summary="Revoke an API key\n\n"
    "For good. It takes effect at once in this process, within seconds in all others.",
    make=_revoke,
    resource="api-key",
    body=RevocationRequest,
    body_example={},
    body_required=False,
    status=200,
    answer=ApiKeySchema,
    example=REVOKED_EXAMPLE,
    tagged=True,
    errors=[errors.ApiKeyNotFound, errors.ApiKeyNotActive],
    key_required=False,
)
LIST = Get(
    rule=COLLECTION,
    id="listApiKeys",
    scope=Scope.ADMIN,
    query=PageQuery,
    answer=page_schema(ApiKeySchema, "ApiKey"),
    example=page_example(EXAMPLE),
)
GET = Get(
    rule=f"{COLLECTION}/<api_key_id>",
    id="getApiKey",
    scope=Scope.ADMIN,
    answer=ApiKeySchema,
    example=EXAMPLE,
    tagged=True,
    errors=[errors.ApiKeyNotFound],
)


def api_keys_blueprint(services: Services) -> Blueprint:
    """Keys, to be made, read, rotated, revoked."""
    blueprint = Blueprint("api-keys", services, description=DESCRIPTION)
    _add_create(blueprint, services)
    _add_changes(blueprint, services)
    _add_reads(blueprint, services)
    return blueprint


def _add_create(blueprint: Blueprint, services: Services) -> None:
    reader = blueprint.reader(CREATE)

    def view() -> Answer:
        order = reader.read({})
        account_id = order.fields.get("account_id")
        fault = fault_in_scopes(order.fields["scopes"], account_id)
        if fault:
            raise ValidationFailed([FieldError("/scopes", fault)])
        if account_id is not None:
            services.queries.account(account_id)  # accounts are never deleted
        secret = _give_secret(order, services)
        outcome = services.execute(_create(order))
        return outcome_answer(CREATE, outcome, services.queries, {"secret": secret})

    blueprint.add_post(CREATE, view)


def _add_changes(blueprint: Blueprint, services: Services) -> None:
    rotation, revocation = blueprint.reader(ROTATE), blueprint.reader(REVOKE)

    def rotate(**path_ids: str) -> Answer:
        order = rotation.read(path_ids)
        secret = _give_secret(order, services)
        outcome = _execute_at_once(_rotate(order), services)
        return outcome_answer(ROTATE, outcome, services.queries, {"secret": secret})

    def revoke(**path_ids: str) -> Answer:
        outcome = _execute_at_once(_revoke(revocation.read(path_ids)), services)
        return outcome_answer(REVOKE, outcome, services.queries)

    blueprint.add_post(ROTATE, rotate)
    blueprint.add_post(REVOKE, revoke)


def _add_reads(blueprint: Blueprint, services: Services) -> None:
    queries = services.api_key_queries

    def to_json(key: ApiKey) -> dict[str, Any]:
        return api_key_to_json(key, services.clock())

    @blueprint.get_operation(LIST)
    def list_api_keys(*, limit: int, cursor: str | None = None) -> Answer:
        """List API keys, newest first"""
        found = queries.api_keys(before=read_id_cursor("api-keys", cursor), limit=limit + 1)
        return page_answer("api-keys", [to_json(key) for key in found], limit)

    @blueprint.get_operation(GET)
    def get_api_key(api_key_id: str) -> Answer:
        """Get an API key"""
        return tagged_answer(to_json(queries.api_key(api_key_id_in_path(api_key_id))))


def _give_secret(order: Order, services: Services) -> str:
    """A new secret; the order gets its prefix with its hash."""
    secret = services.new_secret()
    order.fields |= {"prefix": prefix_of(secret), "secret_hash": hash_of(secret)}
    return secret


def _execute_at_once(command: Command, services: Services) -> Outcome:
    """Execute a change of a key, which counts in this process at once."""
    try:
        return services.execute(command)
    finally:
        if services.authenticator is not None:
            services.authenticator.forget()
