"""Webhook endpoints: where events are sent to."""

from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError, fields, validate

from domain import errors
from domain.event import EVENT_TYPES
from domain.scope import Scope
from domain.webhook_endpoint import EndpointStatus
from domain.webhook_url import URL_LENGTH_MAX
from entrypoints.http.account_steps import NothingMore
from entrypoints.http.answers import Answer, json_answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import Count, RequestSchema, Text, description
from entrypoints.http.operations import Get, Patch, Post
from entrypoints.http.order import Order
from entrypoints.http.paging import (
    PageQuery,
    page_answer,
    page_example,
    page_schema,
    read_id_cursor,
)
from entrypoints.http.path_ids import endpoint_id_in_path
from entrypoints.http.services import Services, WebhookServices
from entrypoints.http.webhook_answer import (
    ENDPOINT_EXAMPLE,
    SECRET_EXAMPLE,
    TYPES,
    EndpointSchema,
    SecretEndpointSchema,
)
from service_layer.change_webhook_endpoint import ChangeWebhookEndpoint
from service_layer.create_webhook_endpoint import CreateWebhookEndpoint
from service_layer.rotate_webhook_secret import RotateWebhookSecret
from service_layer.webhook_json import endpoint_to_json

DESCRIPTION = (
    "Events are sent to webhook endpoints: signed as Standard Webhooks specify, at least once, again and"
    " again for three days when they do not arrive. Their order is that of /v1/events, not that of their"
    " arrival. An endpoint is disabled, not deleted: the log of its deliveries stays."
)
BODY_EXAMPLE = {
    "url": ENDPOINT_EXAMPLE["url"],
    "event_types": ENDPOINT_EXAMPLE["event_types"],
    "description": "The shop",
}
COLLECTION = "/v1/webhook-endpoints"


class EventTypes(fields.List[Any]):
    """Some types of events, or `*` for all."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            fields.String(validate=validate.OneOf(TYPES)),
            validate=validate.Length(1, len(EVENT_TYPES)),
            **kwargs,
        )
        about = "Which events are sent; `*` are all, those of later versions included."
        self.metadata = {"description": about, **self.metadata}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if type(value) is not list or len(value) > len(EVENT_TYPES):
            raise ValidationError("Must be a list of types of events.")
        return tuple(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs)))


def _url(**kwargs: Any) -> Text:
    about = "A public https URL, on port 443 or 8443."
    return Text(length_min=1, length_max=URL_LENGTH_MAX, metadata={"description": about}, **kwargs)


class EndpointRequest(RequestSchema):
    """Where to send which events."""

    url = _url(required=True)
    event_types = EventTypes(required=True)
    description = description(metadata={"description": "A text for people."})


class EndpointChange(RequestSchema):
    """What to change; what is left out stays."""

    version = Count(
        required=True,
        metadata={"examples": [1], "description": "The endpoint's version when you read it."},
    )
    url = _url()
    event_types = EventTypes()
    description = description(metadata={"description": "A text for people."})
    status = fields.String(
        validate=validate.OneOf([str(status) for status in EndpointStatus]),
        metadata={
            "description": "An endpoint that is enabled again is sent what happens from then on; what was"
            " missed can be read at /v1/events."
        },
    )


LIST = Get(
    rule=COLLECTION,
    id="listWebhookEndpoints",
    scope=Scope.WEBHOOKS_READ,
    query=PageQuery,
    answer=page_schema(EndpointSchema, "WebhookEndpoint"),
    example=page_example(ENDPOINT_EXAMPLE),
)
GET = Get(
    rule=f"{COLLECTION}/<webhook_endpoint_id>",
    id="getWebhookEndpoint",
    scope=Scope.WEBHOOKS_READ,
    answer=EndpointSchema,
    example=ENDPOINT_EXAMPLE,
    errors=[errors.WebhookEndpointNotFound],
)


def create(webhooks: WebhookServices) -> Post:
    """The operation, with what it takes from the settings, from chance."""

    def make(order: Order) -> CreateWebhookEndpoint:
        return CreateWebhookEndpoint(
            id=order.id,
            caller=order.caller,
            secret=webhooks.new_secret(),
            allow_private=webhooks.allow_private,
            **order.fields,
        )

    return Post(
        rule=COLLECTION,
        id="createWebhookEndpoint",
        scope=Scope.WEBHOOKS_WRITE,
        name="webhook-endpoint",
        summary="Create a webhook endpoint\n\nIt is sent what happens from now on.",
        make=make,
        shown_once=_secret_of,
        collection=COLLECTION,
        resource="webhook_endpoint",
        body=EndpointRequest,
        body_example=BODY_EXAMPLE,
        answer=SecretEndpointSchema,
        example=ENDPOINT_EXAMPLE | {"secret": SECRET_EXAMPLE},
        errors=[errors.WebhookUrlRefused, errors.TooManyWebhookEndpoints],
        key_required=False,
    )


def change(webhooks: WebhookServices) -> Patch:
    """The operation, with what it takes from the settings."""

    def make(order: Order) -> ChangeWebhookEndpoint:
        fields = dict(order.fields)
        version = fields.pop("version")
        if "status" in fields:
            fields["status"] = EndpointStatus(fields["status"])
        return ChangeWebhookEndpoint(
            id=order.id,
            caller=order.caller,
            endpoint_id=endpoint_id_in_path(order.path["webhook_endpoint_id"]),
            version=version,
            changes=fields,
            allow_private=webhooks.allow_private,
        )

    return Patch(
        rule=f"{COLLECTION}/<webhook_endpoint_id>",
        id="updateWebhookEndpoint",
        scope=Scope.WEBHOOKS_WRITE,
        name="update-webhook-endpoint",
        summary="Change, disable or enable a webhook endpoint",
        make=make,
        collection=COLLECTION,
        resource="webhook_endpoint",
        body=EndpointChange,
        body_example={"version": 1, "event_types": ["*"]},
        answer=EndpointSchema,
        example=ENDPOINT_EXAMPLE | {"event_types": ["*"], "version": 2},
        tagged=False,
        errors=[
            errors.WebhookEndpointNotFound,
            errors.VersionConflict,
            errors.WebhookUrlRefused,
        ],
    )


def rotate(webhooks: WebhookServices) -> Post:
    """The operation, with what it takes from chance."""

    def make(order: Order) -> RotateWebhookSecret:
        return RotateWebhookSecret(
            id=order.id,
            caller=order.caller,
            endpoint_id=endpoint_id_in_path(order.path["webhook_endpoint_id"]),
            secret=webhooks.new_secret(),
        )

    return Post(
        rule=f"{COLLECTION}/<webhook_endpoint_id>/rotate-secret",
        id="rotateWebhookSecret",
        scope=Scope.WEBHOOKS_WRITE,
        name="rotate-webhook-secret",
        summary="Give a webhook endpoint a new secret\n\nFor 24 hours deliveries carry a signature of each.",
        make=make,
        shown_once=_secret_of,
        collection=COLLECTION,
        resource="webhook_endpoint",
        body=NothingMore,
        body_example={},
        body_required=False,
        status=200,
        answer=SecretEndpointSchema,
        example=ENDPOINT_EXAMPLE
        | {
            "version": 2,
            "previous_secret_until": "2026-11-23T21:20:00.551840Z",
            "secret": SECRET_EXAMPLE,
        },
        errors=[errors.WebhookEndpointNotFound],
        key_required=False,
    )


def _secret_of(command: Any) -> dict[str, str]:
    return {"secret": command.secret}


OPERATIONS: tuple[Callable[[WebhookServices], Post], ...] = (create, change, rotate)


def webhook_endpoints_blueprint(services: Services) -> Blueprint:
    """Webhook endpoints, to be made, read or changed."""
    blueprint = Blueprint("webhook-endpoints", services, description=DESCRIPTION)
    for operation in OPERATIONS:
        blueprint.add_command(operation(services.webhooks))
    queries = services.webhooks.queries

    @blueprint.get_operation(LIST)
    def list_webhook_endpoints(*, limit: int, cursor: str | None = None) -> Answer:
        """List webhook endpoints, newest first"""
        before = read_id_cursor("webhook-endpoints", cursor)
        found = queries.endpoints(before=before, limit=limit + 1)
        items = [endpoint_to_json(endpoint) for endpoint in found]
        return page_answer("webhook-endpoints", items, limit)

    @blueprint.get_operation(GET)
    def get_webhook_endpoint(webhook_endpoint_id: str) -> Answer:
        """Get a webhook endpoint"""
        id = endpoint_id_in_path(webhook_endpoint_id)
        return json_answer(endpoint_to_json(queries.endpoint(id)))

    return blueprint
