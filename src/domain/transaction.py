"""A transaction is one movement of money, written once as two or more postings that sum to zero.

Amounts are signed minor units: negative leaves a wallet, positive enters it (double entry: what leaves one
wallet enters another, per currency).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.split import Part
from domain.wallet import exchange_wallet_id, external_wallet_id

LEGS_MAX = 500


class TransactionType(StrEnum):
    """Why money moved."""

    REPLENISHMENT = "replenishment"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"
    CAPTURE = "capture"
    REVERSAL = "reversal"
    SPLIT = "split"
    CONVERSION = "conversion"
    JOURNAL = "journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A posting that is asked for: `amount` signed minor units on one wallet.

    `system` legs are on a system wallet, which has no balance to be judged. `released` minor units stop being
    held on the wallet before it is posted to.
    """

    wallet_id: UUID
    amount: int
    currency: str
    system: bool = False
    released: int = 0

    @classmethod
    def outside(cls, amount: int, currency: str) -> "Leg":
        """The leg of money that leaves the books, or enters them when it is negative."""
        id = external_wallet_id(currency)
        return cls(wallet_id=id, amount=amount, currency=currency, system=True)

    @classmethod
    def exchanged(cls, amount: int, currency: str) -> "Leg":
        """The leg of money that the house takes for another currency, or gives when it is negative."""
        id = exchange_wallet_id(currency)
        return cls(wallet_id=id, amount=amount, currency=currency, system=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A posting that was made; system wallets keep no running balance, so their last two are None."""

    wallet_id: UUID
    amount: int
    currency: str
    balance_after: int | None = None
    wallet_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A transaction that is asked for: who asks, what for, and the legs it shall have.

    `reverses` is the transaction that a reversal takes back; `hold_id` is the hold that a capture pays out
    of; `allocation` says how the amount of a split was shared; `quote_id` is what a conversion uses.
    """

    id: UUID
    type: TransactionType
    legs: tuple[Leg, ...]
    reference: str | None = None
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    reverses: UUID | None = None
    hold_id: UUID | None = None
    allocation: tuple[Part, ...] = ()
    quote_id: UUID | None = None
    actor: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A transaction that was made. It never changes, so it is its own read model as well."""

    id: UUID
    type: TransactionType
    reference: str | None
    description: str | None
    metadata: Mapping[str, str]
    reverses: UUID | None
    hold_id: UUID | None = None
    actor: str
    request_id: str
    created_at: datetime
    postings: tuple[Posting, ...]
    allocation: tuple[Part, ...] = ()
    quote_id: UUID | None = None
