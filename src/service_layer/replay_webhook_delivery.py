"""Replay a webhook delivery: send the same message again, whatever became of it."""

from dataclasses import dataclass
from uuid import UUID

from domain.audit_entry import Action
from domain.books import Books
from domain.idempotency import Outcome
from service_layer.claims import Claims
from service_layer.command import CommandBase
from service_layer.record_change import record_change
from service_layer.webhook_json import delivery_to_json


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayWebhookDelivery(CommandBase):
    """Error: WebhookDeliveryNotFound."""

    delivery_id: UUID

    @property
    def claims(self) -> Claims:
        return Claims(delivery_ids=(self.delivery_id,))

    def decide(self, books: Books) -> Outcome:
        after = books.delivery(self.delivery_id).replayed(books.now)
        books.write_delivery(after)
        body = delivery_to_json(after)
        record_change(books, self.caller, Action.DELIVERY_REPLAYED, body)
        return Outcome(body=body, request_id=self.caller.request_id)
