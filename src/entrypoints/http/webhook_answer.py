"""How webhook endpoints or deliveries are answered: their schemas, with examples."""

from typing import Any

from marshmallow import fields, validate

from domain.event import EVENT_TYPES, EVERY_TYPE
from domain.webhook_delivery import DeliveryStatus
from domain.webhook_endpoint import EndpointStatus
from entrypoints.http.event_answer import event_number
from entrypoints.http.fields import AnswerSchema, Id, description
from entrypoints.http.times import utc_time

ENDPOINT_EXAMPLE: dict[str, Any] = {
    "id": "019aab52-3c4d-7e5f-8a6b-7c8d9e0f1a2b",
    "url": "https://shop.example.com/payments/events",
    "event_types": ["transfer.created", "hold.expired"],
    "description": "The shop",
    "status": "enabled",
    "version": 1,
    "previous_secret_until": None,
    "created_at": "2026-11-22T21:20:00.551840Z",
    "updated_at": "2026-11-22T21:20:00.551840Z",
}
SECRET_EXAMPLE = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105 - an example
DELIVERY_EXAMPLE: dict[str, Any] = {
    "id": "019aab53-0a1b-7c2d-9e3f-4a5b6c7d8e9f",
    "webhook_endpoint_id": ENDPOINT_EXAMPLE["id"],
    "event_number": 1042,
    "event_type": "transfer.created",
    "status": "delivered",
    "attempts": 2,
    "next_attempt_at": None,
    "created_at": "2026-11-22T21:21:00.104218Z",
    "finished_at": "2026-11-22T21:21:05.310772Z",
}
ATTEMPT_EXAMPLES: list[dict[str, Any]] = [
    {
        "attempt": 2,
        "started_at": "2026-11-22T21:21:05.258772Z",
        "duration_ms": 52,
        "response_status": 204,
        "error": None,
    },
    {
        "attempt": 1,
        "started_at": "2026-11-22T21:21:00.110042Z",
        "duration_ms": 5003,
        "response_status": None,
        "error": "It took too long.",
    },
]
TYPES = [EVERY_TYPE, *EVENT_TYPES]
STATUSES = [str(status) for status in DeliveryStatus]


def _time_or_null(about: str) -> fields.DateTime:
    return fields.DateTime(
        required=True, allow_none=True, metadata={"description": f"{about}; else null."}
    )


class EndpointSchema(AnswerSchema):
    """Where events are sent."""

    id = Id(required=True)
    url = fields.String(required=True)
    event_types = fields.List(
        fields.String(validate=validate.OneOf(TYPES)),
        required=True,
        metadata={"description": "Which events are sent; `*` are all."},
    )
    description = description(required=True)
    status = fields.String(
        required=True,
        validate=validate.OneOf([str(status) for status in EndpointStatus]),
        metadata={"description": "Nothing is sent while it is disabled."},
    )
    version = fields.Integer(
        required=True,
        strict=True,
        metadata={"description": "1 for a new endpoint; each change adds one."},
    )
    previous_secret_until = _time_or_null("After a rotation: until then the one before signs, too")
    created_at = utc_time("When it was made")
    updated_at = utc_time("When it last changed")


class SecretEndpointSchema(EndpointSchema):
    """An endpoint with its new secret, which is never shown again."""

    secret = fields.String(
        metadata={
            "description": "With which deliveries are signed (Standard Webhooks). Shown this once: it is"
            " missing when the first answer is given again.",
            "pattern": "^whsec_",
        },
    )


class DeliverySchema(AnswerSchema):
    """One event on its way to one endpoint."""

    id = Id(required=True, metadata={"description": "The `webhook-id` of each attempt."})
    webhook_endpoint_id = Id(required=True)
    event_number = event_number("The number of the event")
    event_type = fields.String(required=True)
    status = fields.String(
        required=True,
        validate=validate.OneOf(STATUSES),
        metadata={"description": "A dead one was given up; it can be replayed."},
    )
    attempts = fields.Integer(
        required=True, strict=True, metadata={"description": "How many were begun."}
    )
    next_attempt_at = _time_or_null("When a pending one is due")
    created_at = utc_time("When the event was numbered and found to be wanted")
    finished_at = _time_or_null("When it was delivered or given up")


class AttemptSchema(AnswerSchema):
    """What came of one attempt."""

    attempt = fields.Integer(required=True, strict=True, metadata={"description": "1, 2, 3…"})
    started_at = utc_time("When it began")
    duration_ms = fields.Integer(
        required=True, strict=True, metadata={"description": "How long it took."}
    )
    response_status = fields.Integer(
        required=True,
        strict=True,
        allow_none=True,
        metadata={"description": "The status that the endpoint answered; null when it did not."},
    )
    error = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why there was no answer; null when there was one."},
    )


class LoggedDeliverySchema(DeliverySchema):
    """A delivery with what came of its attempts."""

    attempt_log = fields.List(
        fields.Nested(AttemptSchema),
        required=True,
        metadata={
            "description": "The newest first, 100 at most. One that is missing ended with its process."
        },
    )
