"""Commands about webhooks, with what tests do with deliveries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from adapters.system import new_id, new_webhook_secret
from domain.webhook_delivery import Attempt, Delivery
from domain.webhook_endpoint import WebhookEndpoint
from service_layer.change_webhook_endpoint import ChangeWebhookEndpoint
from service_layer.command import Caller
from service_layer.create_webhook_endpoint import CreateWebhookEndpoint
from service_layer.delivery_queue import Claimed, DeliveryQueue
from service_layer.replay_webhook_delivery import ReplayWebhookDelivery
from service_layer.rotate_webhook_secret import RotateWebhookSecret
from service_layer.webhook_queries import WebhookQueries
from tests.builders import a_caller
from tests.stage import Stage

URL = "https://shop.example.com/events"


def create_endpoint(
    *event_types: str, url: str = URL, caller: Caller | None = None, **rest: Any
) -> CreateWebhookEndpoint:
    """Of all events unless some are named."""
    return CreateWebhookEndpoint(
        id=new_id(),
        caller=caller or a_caller(),
        url=url,
        event_types=event_types or ("*",),
        secret=new_webhook_secret(),
        **rest,
    )


def change_endpoint(endpoint_id: UUID, version: int = 1, **changes: Any) -> ChangeWebhookEndpoint:
    return ChangeWebhookEndpoint(
        id=new_id(), caller=a_caller(), endpoint_id=endpoint_id, version=version, changes=changes
    )


def rotate_secret(endpoint_id: UUID) -> RotateWebhookSecret:
    return RotateWebhookSecret(
        id=new_id(), caller=a_caller(), endpoint_id=endpoint_id, secret=new_webhook_secret()
    )


def replay(delivery_id: UUID) -> ReplayWebhookDelivery:
    return ReplayWebhookDelivery(id=new_id(), caller=a_caller(), delivery_id=delivery_id)


def an_endpoint(stage: Stage, *event_types: str, **rest: Any) -> UUID:
    """An endpoint whose own creation is not among what it is sent."""
    command = create_endpoint(*event_types, **rest)
    outcome = stage.execute(command)
    assert outcome.refused is None, outcome.refused
    fan_out(stage)
    for claimed in claim(stage, limit=100):
        queue_of(stage).record(claimed, an_attempt(stage, claimed), None)
    return command.id


def queue_of(stage: Stage) -> DeliveryQueue:
    queue: DeliveryQueue = stage.container.delivery_queue()
    return queue


def webhooks_of(stage: Stage) -> WebhookQueries:
    queries: WebhookQueries = stage.container.webhooks()
    return queries


def fan_out(stage: Stage) -> int:
    """Number what is committed, make deliveries of it."""
    stage.container.sequencer().number_committed()
    return queue_of(stage).fan_out(stage.clock.now)


def claim(stage: Stage, *, limit: int = 100) -> list[Claimed]:
    return queue_of(stage).claim(stage.clock.now, limit=limit)


def an_attempt(stage: Stage, claimed: Claimed, status: int | None = 204) -> Attempt:
    """An attempt that was answered so, or not at all."""
    return Attempt(
        number=claimed.attempt,
        started_at=stage.clock.now,
        duration_ms=0,
        response_status=status,
        error=None if status is not None else "It took too long.",
    )


def record(
    stage: Stage, claimed: Claimed, status: int | None = 204, retry_at: datetime | None = None
) -> None:
    queue_of(stage).record(claimed, an_attempt(stage, claimed, status), retry_at)


def deliveries(stage: Stage, endpoint_id: UUID, **wanted: Any) -> list[Delivery]:
    """Newest first, without that of the endpoint's own creation."""
    found = webhooks_of(stage).deliveries(
        endpoint_id, **({"status": None, "before": None, "limit": 100} | wanted)
    )
    return [each for each in found if not each.event_type.startswith("webhook_endpoint.")]


def endpoint(stage: Stage, endpoint_id: UUID) -> WebhookEndpoint:
    return webhooks_of(stage).endpoint(endpoint_id)
