"""Create an API key."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.api_key import ApiKey, KeySecret
from domain.audit_entry import Action
from domain.books import Books
from domain.errors import ApiKeyNotActive
from domain.idempotency import Outcome
from domain.scope import Scope
from service_layer.api_key_json import api_key_to_json
from service_layer.command import CommandBase
from service_layer.record_change import record_change


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateApiKey(CommandBase):
    """Locks nothing. Error: ApiKeyNotActive, when it would have expired before it is made.

    The account exists, and the scopes may stand together: `fault_in_scopes` was asked."""

    name: str
    scopes: tuple[Scope, ...]
    account_id: UUID | None = None
    expires_at: datetime | None = None
    prefix: str
    secret_hash: bytes = field(repr=False)

    def decide(self, books: Books) -> Outcome:
        if self.expires_at is not None and self.expires_at <= books.now:
            raise ApiKeyNotActive("The key would have expired before it is made.")
        secret = KeySecret(prefix=self.prefix, hash=self.secret_hash, created_at=books.now)
        key = ApiKey(
            id=self.id,
            name=self.name,
            scopes=tuple(sorted(set(self.scopes))),
            account_id=self.account_id,
            secrets=(secret,),
            created_at=books.now,
            updated_at=books.now,
            expires_at=self.expires_at,
        )
        books.write_api_key(key)
        body = api_key_to_json(key, books.now)
        record_change(books, self.caller, Action.API_KEY_CREATED, body)
        return Outcome(body=body, request_id=self.caller.request_id)
