"""An account is a person or a thing that owns wallets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.errors import AccountClosed, AccountNotEmpty, VersionConflict
from domain.wallet import Status, Wallet


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A new account has version 1; each later change of the account adds one.

    Frozen, money may come in but none may leave. Closed, nothing moves any more, for good.
    """

    id: UUID
    name: str
    reference: str | None = None
    status: Status = Status.ACTIVE
    metadata: Mapping[str, str] = field(default_factory=dict)
    version: int = 1
    created_at: datetime
    updated_at: datetime

    def check_version(self, version: int) -> None:
        """Refuse a change that was made up while looking at another version: VersionConflict."""
        if version != self.version:
            raise VersionConflict(
                f"Account {self.id} is at version {self.version}, not {version}.",
                account_id=str(self.id),
                version=self.version,
            )

    def check_not_closed(self) -> None:
        """AccountClosed: what is closed stays closed."""
        if self.status is Status.CLOSED:
            raise AccountClosed(f"Account {self.id} is closed.", account_id=str(self.id))

    def changed(self, at: datetime, **changes: Any) -> "Account":
        """This account with those fields, one version on; its own time never runs backwards."""
        later = max(at, self.updated_at)
        return replace(self, version=self.version + 1, updated_at=later, **changes)


def check_empty(wallets: Iterable[Wallet]) -> None:
    """Refuse to close an account while there is anything in its wallets: AccountNotEmpty."""
    for wallet in wallets:
        if wallet.balance or wallet.held:
            raise AccountNotEmpty(
                f"Wallet {wallet.id} has a balance of {wallet.balance}, of which {wallet.held} is held.",
                wallet_id=str(wallet.id),
                balance=wallet.balance,
                held=wallet.held,
            )
