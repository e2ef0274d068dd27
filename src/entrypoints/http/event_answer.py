"""How events or audit entries are answered: their schemas, with examples."""

from typing import Any

from marshmallow import fields, validate

from domain.audit_entry import Action
from domain.event import EVENT_TYPES
from entrypoints.http.account_answer import EXAMPLE as ACCOUNT_EXAMPLE
from entrypoints.http.fields import AnswerSchema, Id
from entrypoints.http.times import utc_time
from entrypoints.http.transaction_answer import EXAMPLE as TRANSACTION_EXAMPLE

ACTOR = "customer-service"
REQUEST_ID = "019aab3e70217c3f9c1e5d3a8b6f4e10"
EVENT_EXAMPLE: dict[str, Any] = {
    "number": 1042,
    "type": "transfer.created",
    "created_at": TRANSACTION_EXAMPLE["created_at"],
    "actor": ACTOR,
    "request_id": REQUEST_ID,
    "resource_type": "transaction",
    "resource_id": TRANSACTION_EXAMPLE["id"],
    "data": TRANSACTION_EXAMPLE,
}
ENTRY_EXAMPLE: dict[str, Any] = {
    "id": 17,
    "action": "account.opened",
    "resource_type": "account",
    "resource_id": ACCOUNT_EXAMPLE["id"],
    "actor": ACTOR,
    "request_id": REQUEST_ID,
    "created_at": ACCOUNT_EXAMPLE["created_at"],
    "body": ACCOUNT_EXAMPLE,
}


def event_number(about: str) -> fields.Integer:
    """The number of an event in an answer."""
    return fields.Integer(
        required=True, strict=True, metadata={"format": "int64", "description": f"{about}."}
    )


def _whose(about: str, *, allow_none: bool = False) -> fields.String:
    return fields.String(
        required=True, allow_none=allow_none, metadata={"description": f"{about}."}
    )


class EventSchema(AnswerSchema):
    """A committed change."""

    number = event_number("1 for the first event, then 2, 3… without gaps")
    type = fields.String(
        required=True,
        validate=validate.OneOf(EVENT_TYPES),
        metadata={"description": "What happened."},
    )
    created_at = utc_time("When it happened")
    actor = _whose("Who asked for it; `system` when nobody did")
    request_id = _whose("The request that asked for it; null when none did", allow_none=True)
    resource_type = _whose("What it happened to")
    resource_id = Id(required=True)
    data = fields.Dict(
        required=True,
        metadata={"description": "The resource as it was right after, in its own schema."},
    )


class EntrySchema(AnswerSchema):
    """What became of what by whose request."""

    id = event_number("The later of two entries has the higher one; there may be gaps")
    action = fields.String(
        required=True,
        validate=validate.OneOf([str(action) for action in Action]),
        metadata={"description": "What was done."},
    )
    resource_type = _whose("What it was done to")
    resource_id = Id(required=True)
    actor = _whose("Who asked for it; `system` when nobody did")
    request_id = _whose("The request that asked for it; null when none did", allow_none=True)
    created_at = utc_time("When it was done")
    body = fields.Dict(
        required=True,
        metadata={"description": "The resource as it was right after, in its own schema."},
    )
