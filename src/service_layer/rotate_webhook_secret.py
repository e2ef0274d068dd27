"""Rotate the secret of a webhook endpoint: for a while both sign."""

from dataclasses import dataclass, field
from uuid import UUID

from domain.audit_entry import Action
from domain.books import Books
from domain.idempotency import Outcome
from service_layer.claims import Claims
from service_layer.command import CommandBase
from service_layer.record_change import record_change
from service_layer.webhook_json import endpoint_to_json


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateWebhookSecret(CommandBase):
    """`secret` is the new one; the outcome, which is kept, is without it. Error: WebhookEndpointNotFound."""

    endpoint_id: UUID
    secret: str = field(repr=False)

    @property
    def claims(self) -> Claims:
        return Claims(endpoint_ids=(self.endpoint_id,))

    def decide(self, books: Books) -> Outcome:
        after = books.endpoint(self.endpoint_id).rotated(self.secret, books.now)
        books.write_endpoint(after)
        body = endpoint_to_json(after)
        record_change(books, self.caller, Action.ENDPOINT_SECRET_ROTATED, body)
        return Outcome(body=body, request_id=self.caller.request_id)
