"""An event in JSON types: what is read by number, what webhooks carry."""

from typing import Any

from domain.audit_entry import AuditEntry
from domain.event import Event
from domain.times import rfc3339
from service_layer.transaction_json import transaction_to_json


def event_to_json(event: Event) -> dict[str, Any]:
    """The fields of the contract; `data` is the representation of the resource after what happened."""
    of = event.of
    return {
        "number": event.number,
        "type": event.type,
        "created_at": rfc3339(event.created_at),
        "actor": of.actor,
        "request_id": of.request_id,
        "resource_type": event.resource_type,
        "resource_id": str(event.resource_id),
        "data": dict(of.body) if isinstance(of, AuditEntry) else transaction_to_json(of),
    }


def entry_to_json(entry: AuditEntry) -> dict[str, Any]:
    """The fields of the contract."""
    return {
        "id": entry.id,
        "action": str(entry.action),
        "resource_type": entry.action.resource_type,
        "resource_id": str(entry.resource_id),
        "actor": entry.actor,
        "request_id": entry.request_id,
        "created_at": rfc3339(entry.created_at),
        "body": dict(entry.body),
    }
