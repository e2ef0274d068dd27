"""Change a webhook endpoint: where events are sent, which ones, whether any."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from domain.audit_entry import Action
from domain.books import Books
from domain.idempotency import Outcome
from domain.webhook_endpoint import EndpointStatus
from domain.webhook_url import webhook_url
from service_layer.claims import Claims
from service_layer.command import CommandBase
from service_layer.record_change import record_change
from service_layer.webhook_json import endpoint_to_json


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWebhookEndpoint(CommandBase):
    """`changes` are new values of `url`, `event_types`, `description` or `status`, by name.

    When it is enabled again it gets what happens from now on. Errors, in the order they are checked:
    WebhookEndpointNotFound, VersionConflict, WebhookUrlRefused.
    """

    endpoint_id: UUID
    version: int
    changes: Mapping[str, Any]
    allow_private: bool = False

    @property
    def claims(self) -> Claims:
        return Claims(endpoint_ids=(self.endpoint_id,))

    def decide(self, books: Books) -> Outcome:
        before = books.endpoint(self.endpoint_id)
        before.check_version(self.version)
        if "url" in self.changes:
            webhook_url(self.changes["url"], allow_private=self.allow_private)
        after = replace(
            before,
            **self.changes,
            version=before.version + 1,
            updated_at=max(books.now, before.updated_at),
        )
        was_enabled = before.status is EndpointStatus.ENABLED
        is_enabled = after.status is EndpointStatus.ENABLED
        books.write_endpoint(after, starts=is_enabled and not was_enabled)
        body = endpoint_to_json(after)
        record_change(books, self.caller, Action.ENDPOINT_CHANGED, body)
        return Outcome(body=body, request_id=self.caller.request_id)
