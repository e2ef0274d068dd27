"""What queries answer with: frozen values that carry every field of the HTTP contract.

A transaction never changes, so `domain.transaction.Transaction` is its own read model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.account import Account
from domain.times import rfc3339
from domain.wallet import Wallet


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletView:
    """Amounts are integers in minor units; `wallet_version` counts the wallet's postings."""

    id: UUID
    account_id: UUID
    currency: str
    status: str
    balance: int
    held: int
    overdraft_limit: int
    max_balance: int | None
    wallet_version: int
    created_at: datetime
    updated_at: datetime

    @property
    def available(self) -> int:
        """What may be paid out before the overdraft is touched, in minor units."""
        return self.balance - self.held

    @classmethod
    def of(cls, wallet: Wallet, *, created_at: datetime, updated_at: datetime) -> "WalletView":
        """A wallet with the times of its row."""
        return cls(
            id=wallet.id,
            account_id=wallet.account_id,
            currency=wallet.currency,
            status=wallet.status,
            balance=wallet.balance,
            held=wallet.held,
            overdraft_limit=wallet.overdraft_limit,
            max_balance=wallet.max_balance,
            wallet_version=wallet.version,
            created_at=created_at,
            updated_at=updated_at,
        )

    def to_json(self) -> dict[str, Any]:
        """The fields of the contract, in JSON types."""
        return {
            "id": str(self.id),
            "account_id": str(self.account_id),
            "currency": self.currency,
            "status": self.status,
            "balance": self.balance,
            "held": self.held,
            "available": self.available,
            "overdraft_limit": self.overdraft_limit,
            "max_balance": self.max_balance,
            "wallet_version": self.wallet_version,
            "created_at": rfc3339(self.created_at),
            "updated_at": rfc3339(self.updated_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """An account with its wallets, oldest first."""

    id: UUID
    name: str
    reference: str | None
    status: str
    metadata: Mapping[str, str]
    version: int
    wallets: tuple[WalletView, ...]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, account: Account, wallets: tuple[WalletView, ...]) -> "AccountView":
        """An account with the views of its wallets."""
        return cls(
            id=account.id,
            name=account.name,
            reference=account.reference,
            status=account.status,
            metadata=account.metadata,
            version=account.version,
            wallets=wallets,
            created_at=account.created_at,
            updated_at=account.updated_at,
        )

    def to_json(self) -> dict[str, Any]:
        """The fields of the contract, in JSON types."""
        return {
            "id": str(self.id),
            "name": self.name,
            "reference": self.reference,
            "status": self.status,
            "metadata": dict(sorted(self.metadata.items())),
            "version": self.version,
            "wallets": [wallet.to_json() for wallet in self.wallets],
            "created_at": rfc3339(self.created_at),
            "updated_at": rfc3339(self.updated_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingView:
    """One line of a wallet's history."""

    transaction_id: UUID
    type: str
    wallet_id: UUID
    amount: int
    currency: str
    balance_after: int
    wallet_version: int
    created_at: datetime

    def to_json(self) -> dict[str, Any]:
        """The fields of the contract, in JSON types."""
        return {
            "transaction_id": str(self.transaction_id),
            "type": self.type,
            "wallet_id": str(self.wallet_id),
            "amount": self.amount,
            "currency": self.currency,
            "balance_after": self.balance_after,
            "wallet_version": self.wallet_version,
            "created_at": rfc3339(self.created_at),
        }
