"""Revoke an API key: it opens nothing any more."""

from dataclasses import dataclass
from uuid import UUID

from domain.audit_entry import Action
from domain.books import Books
from domain.idempotency import Outcome
from service_layer.api_key_json import api_key_to_json
from service_layer.claims import Claims
from service_layer.command import CommandBase
from service_layer.record_change import record_change


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeApiKey(CommandBase):
    """Locks the key's row. Errors, in this order: ApiKeyNotFound, ApiKeyNotActive."""

    api_key_id: UUID

    @property
    def claims(self) -> Claims:
        return Claims(api_key_ids=(self.api_key_id,))

    def decide(self, books: Books) -> Outcome:
        key = books.api_key(self.api_key_id).revoked(books.now)
        books.write_api_key(key)
        body = api_key_to_json(key, books.now)
        record_change(books, self.caller, Action.API_KEY_REVOKED, body)
        return Outcome(body=body, request_id=self.caller.request_id)
