"""An account is a person or a thing that owns wallets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.wallet import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A new account has version 1; each later change of the account adds one."""

    id: UUID
    name: str
    reference: str | None = None
    status: Status = Status.ACTIVE
    metadata: Mapping[str, str] = field(default_factory=dict)
    version: int = 1
    created_at: datetime
