"""What the audit trail says when a webhook endpoint is disabled because it is gone."""

from datetime import datetime

from domain.audit_entry import SYSTEM, Action, AuditEntry
from domain.webhook_endpoint import WebhookEndpoint
from service_layer.webhook_json import endpoint_to_json


def entry_of_disabled(endpoint: WebhookEndpoint, at: datetime) -> AuditEntry:
    """No request asks for it: the endpoint has answered 410."""
    return AuditEntry(
        action=Action.ENDPOINT_DISABLED,
        resource_id=endpoint.id,
        actor=SYSTEM,
        request_id=None,
        body=endpoint_to_json(endpoint),
        created_at=at,
    )
