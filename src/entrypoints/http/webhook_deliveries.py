"""Webhook deliveries: what was sent where, what came of it."""

from marshmallow import fields, validate

from domain import errors
from domain.scope import Scope
from domain.webhook_delivery import DeliveryStatus
from entrypoints.http.account_steps import NothingMore
from entrypoints.http.answers import Answer, json_answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.operations import Get, Post
from entrypoints.http.order import Order
from entrypoints.http.paging import (
    PageQuery,
    page_answer,
    page_example,
    page_schema,
    read_version_cursor,
)
from entrypoints.http.path_ids import delivery_id_in_path, endpoint_id_in_path
from entrypoints.http.services import Services
from entrypoints.http.webhook_answer import (
    ATTEMPT_EXAMPLES,
    DELIVERY_EXAMPLE,
    STATUSES,
    DeliverySchema,
    LoggedDeliverySchema,
)
from service_layer.replay_webhook_delivery import ReplayWebhookDelivery
from service_layer.webhook_json import delivery_to_json, delivery_with_log

DESCRIPTION = (
    "A delivery brings one event to one endpoint. It is dead when it did not arrive within three days, or"
    " when the endpoint answered 410; it can be replayed. Those that arrived are forgotten after 30 days."
)
REPLAYED_EXAMPLE = DELIVERY_EXAMPLE | {
    "status": "pending",
    "next_attempt_at": "2026-11-22T22:00:00.000000Z",
    "finished_at": None,
}


class DeliveriesQuery(PageQuery):
    """Which deliveries."""

    status = fields.String(
        validate=validate.OneOf(STATUSES),
        metadata={"description": "Those of one status: `dead` are the dead letters."},
    )


def _replay(order: Order) -> ReplayWebhookDelivery:
    return ReplayWebhookDelivery(
        id=order.id,
        caller=order.caller,
        delivery_id=delivery_id_in_path(order.path["webhook_delivery_id"]),
    )


LIST = Get(
    scope=Scope.WEBHOOKS_READ,
    rule="/v1/webhook-endpoints/<webhook_endpoint_id>/deliveries",
    id="listWebhookDeliveries",
    query=DeliveriesQuery,
    answer=page_schema(DeliverySchema, "WebhookDelivery"),
    example=page_example(DELIVERY_EXAMPLE),
    errors=[errors.WebhookEndpointNotFound],
)
GET = Get(
    scope=Scope.WEBHOOKS_READ,
    rule="/v1/webhook-deliveries/<webhook_delivery_id>",
    id="getWebhookDelivery",
    answer=LoggedDeliverySchema,
    example=DELIVERY_EXAMPLE | {"attempt_log": ATTEMPT_EXAMPLES},
    errors=[errors.WebhookDeliveryNotFound],
)
REPLAY = Post(
    scope=Scope.WEBHOOKS_WRITE,
    rule="/v1/webhook-deliveries/<webhook_delivery_id>/replay",
    id="replayWebhookDelivery",
    name="replay-webhook-delivery",
    summary="Send a webhook again\n\nAs the same message, whatever became of it, with three days of time.",
    make=_replay,
    collection="/v1/webhook-deliveries",
    resource="webhook_delivery",
    body=NothingMore,
    body_example={},
    body_required=False,
    status=200,
    answer=DeliverySchema,
    example=REPLAYED_EXAMPLE,
    errors=[errors.WebhookDeliveryNotFound],
    key_required=False,
)


def webhook_deliveries_blueprint(services: Services) -> Blueprint:
    """Webhook deliveries, to be read or replayed."""
    blueprint = Blueprint("webhook-deliveries", services, description=DESCRIPTION)
    blueprint.add_command(REPLAY)
    queries = services.webhooks.queries

    @blueprint.get_operation(LIST)
    def list_webhook_deliveries(
        *,
        webhook_endpoint_id: str,
        limit: int,
        status: str | None = None,
        cursor: str | None = None,
    ) -> Answer:
        """List the deliveries to a webhook endpoint, the newest events first"""
        id = endpoint_id_in_path(webhook_endpoint_id)
        name = f"deliveries to {id}"
        found = queries.deliveries(
            id,
            status=None if status is None else DeliveryStatus(status),
            before=read_version_cursor(name, cursor),
            limit=limit + 1,
        )
        items = [delivery_to_json(delivery) for delivery in found]
        return page_answer(name, items, limit, key="event_number")

    @blueprint.get_operation(GET)
    def get_webhook_delivery(webhook_delivery_id: str) -> Answer:
        """Get a webhook delivery with the log of its attempts"""
        id = delivery_id_in_path(webhook_delivery_id)
        return json_answer(delivery_with_log(queries.delivery(id), queries.attempts(id)))

    return blueprint
