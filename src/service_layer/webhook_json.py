"""Webhook endpoints or deliveries in JSON types; a secret is in none of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.times import rfc3339
from domain.webhook_delivery import Attempt, Delivery, DeliveryStatus
from domain.webhook_endpoint import WebhookEndpoint


def endpoint_to_json(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """The fields of the contract."""
    return {
        "id": str(endpoint.id),
        "url": endpoint.url,
        "event_types": list(endpoint.event_types),
        "description": endpoint.description,
        "status": str(endpoint.status),
        "version": endpoint.version,
        "previous_secret_until": _time(endpoint.previous_secret_until),
        "created_at": rfc3339(endpoint.created_at),
        "updated_at": rfc3339(endpoint.updated_at),
    }


def delivery_to_json(delivery: Delivery) -> dict[str, Any]:
    """The fields of the contract."""
    is_pending = delivery.status is DeliveryStatus.PENDING
    return {
        "id": str(delivery.id),
        "webhook_endpoint_id": str(delivery.endpoint_id),
        "event_number": delivery.event_number,
        "event_type": delivery.event_type,
        "status": str(delivery.status),
        "attempts": delivery.attempts,
        "next_attempt_at": rfc3339(delivery.next_attempt_at) if is_pending else None,
        "created_at": rfc3339(delivery.created_at),
        "finished_at": _time(delivery.finished_at),
    }


def delivery_with_log(delivery: Delivery, attempts: Sequence[Attempt]) -> dict[str, Any]:
    """The fields of the contract, with what came of each attempt."""
    return delivery_to_json(delivery) | {"attempt_log": [attempt_to_json(it) for it in attempts]}


def attempt_to_json(attempt: Attempt) -> dict[str, Any]:
    """The fields of the contract."""
    return {
        "attempt": attempt.number,
        "started_at": rfc3339(attempt.started_at),
        "duration_ms": attempt.duration_ms,
        "response_status": attempt.response_status,
        "error": attempt.error,
    }


def _time(time: datetime | None) -> str | None:
    return None if time is None else rfc3339(time)
