"""Create a webhook endpoint: from now on events are sent there."""

from dataclasses import dataclass, field

from domain.audit_entry import Action
from domain.books import Books
from domain.errors import TooManyWebhookEndpoints
from domain.idempotency import Outcome
from domain.webhook_endpoint import ENDPOINTS_MAX, WebhookEndpoint
from domain.webhook_url import webhook_url
from service_layer.claims import Claims
from service_layer.command import CommandBase
from service_layer.record_change import record_change
from service_layer.webhook_json import endpoint_to_json


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateWebhookEndpoint(CommandBase):
    """`secret` is shown once, by whoever has made it: the outcome, which is kept, does not have it.

    Errors, in the order they are checked: WebhookUrlRefused, TooManyWebhookEndpoints.
    """

    url: str
    event_types: tuple[str, ...]
    description: str | None = None
    secret: str = field(repr=False)
    allow_private: bool = False

    @property
    def claims(self) -> Claims:
        return Claims(endpoint_ids=(self.id,))

    def decide(self, books: Books) -> Outcome:
        webhook_url(self.url, allow_private=self.allow_private)
        if books.endpoint_count >= ENDPOINTS_MAX:
            raise TooManyWebhookEndpoints(
                f"There are {ENDPOINTS_MAX} webhook endpoints, which is the most that there may be."
            )
        endpoint = WebhookEndpoint(
            id=self.id,
            url=self.url,
            event_types=self.event_types,
            description=self.description,
            secret=self.secret,
            created_at=books.now,
            updated_at=books.now,
        )
        books.write_endpoint(endpoint, starts=True)
        body = endpoint_to_json(endpoint)
        record_change(books, self.caller, Action.ENDPOINT_CREATED, body)
        return Outcome(body=body, request_id=self.caller.request_id)
