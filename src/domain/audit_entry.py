"""An audit entry says of one change, other than a transaction, what became of what by whose request.

A transaction is its own entry: it has actor and request id itself, and nothing is written twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

SYSTEM = "system"
"""The actor of what nobody has asked for, such as a hold's end by its instant."""


class Action(StrEnum):
    """What was done: the type of what it was done to, a full stop, what became of it."""

    ACCOUNT_OPENED = "account.opened"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_FROZEN = "account.frozen"
    ACCOUNT_UNFROZEN = "account.unfrozen"
    ACCOUNT_CLOSED = "account.closed"
    WALLET_OPENED = "wallet.opened"
    WALLET_CHANGED = "wallet.changed"
    HOLD_PLACED = "hold.placed"
    HOLD_VOIDED = "hold.voided"
    HOLD_EXPIRED = "hold.expired"
    QUOTE_REQUESTED = "quote.requested"
    API_KEY_CREATED = "api_key.created"
    API_KEY_ROTATED = "api_key.rotated"
    API_KEY_REVOKED = "api_key.revoked"
    ENDPOINT_CREATED = "webhook_endpoint.created"
    ENDPOINT_CHANGED = "webhook_endpoint.changed"
    ENDPOINT_SECRET_ROTATED = "webhook_endpoint.secret_rotated"  # noqa: S105 - no secret but its name
    ENDPOINT_DISABLED = "webhook_endpoint.disabled"
    DELIVERY_REPLAYED = "webhook_delivery.replayed"

    @property
    def resource_type(self) -> str:
        """The type of what it was done to."""
        return self.value.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """`body` is the representation after the change, in JSON types, without anything secret.

    `request_id` is None when no request asked for it. `id` counts the entries: of two on the same thing the
    later has the higher one. It is None until the entry is stored.
    """

    id: int | None = None
    action: Action
    resource_id: UUID
    actor: str
    request_id: str | None
    body: Mapping[str, Any]
    created_at: datetime
