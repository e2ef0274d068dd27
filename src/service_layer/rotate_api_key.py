"""Rotate an API key: it gets a new secret, beside which the one before is valid for a while."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from domain.api_key import KeySecret
from domain.audit_entry import Action
from domain.books import Books
from domain.idempotency import Outcome
from service_layer.api_key_json import api_key_to_json
from service_layer.claims import Claims
from service_layer.command import CommandBase
from service_layer.record_change import record_change

OVERLAP_SECONDS_DEFAULT = 24 * 60 * 60
OVERLAP_SECONDS_MAX = 90 * 24 * 60 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateApiKey(CommandBase):
    """Locks the key's row. Errors, in this order: ApiKeyNotFound, ApiKeyNotActive."""

    api_key_id: UUID
    overlap_seconds: int = OVERLAP_SECONDS_DEFAULT
    prefix: str
    secret_hash: bytes = field(repr=False)

    @property
    def claims(self) -> Claims:
        return Claims(api_key_ids=(self.api_key_id,))

    def decide(self, books: Books) -> Outcome:
        secret = KeySecret(prefix=self.prefix, hash=self.secret_hash, created_at=books.now)
        overlap = timedelta(seconds=self.overlap_seconds)
        key = books.api_key(self.api_key_id).rotated(secret, overlap)
        books.write_api_key(key)
        body = api_key_to_json(key, books.now)
        record_change(books, self.caller, Action.API_KEY_ROTATED, body)
        return Outcome(body=body, request_id=self.caller.request_id)
