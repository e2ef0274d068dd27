"""The books as accounting programs want them: who has a wallet, what was posted to it."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from service_layer.audit import Progress, silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A wallet with whose it is; the system's have neither account nor name."""

    wallet_id: UUID
    currency: str
    account_id: UUID | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletLine:
    """`since` is not after the first posting. `balance` is the row's own; of the system's, the postings'."""

    owner: Owner
    reference: str | None = None
    since: datetime
    balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingLine:
    """`amount` is signed minor units: positive enters the wallet."""

    leg: int
    owner: Owner
    amount: int
    balance_after: int | None = None
    wallet_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionLine:
    """`number` is its number in the log, where it has one already."""

    id: UUID
    type: str
    created_at: datetime
    number: int | None = None
    reference: str | None = None
    description: str | None = None
    metadata: Mapping[str, str]
    reverses: UUID | None = None
    hold_id: UUID | None = None
    postings: tuple[PostingLine, ...]


class LedgerLines(Protocol):
    """The books at one moment; what is iterated over is read in pieces."""

    @property
    def at(self) -> datetime:
        """That moment."""

    @property
    def exponents(self) -> Mapping[str, int]:
        """Each currency with how many digits its minor unit has."""

    def wallets(self, progress: Progress = silent) -> Iterator[WalletLine]:
        """All wallets that have an account or a posting, in the order of their ids."""

    def transactions(self, progress: Progress = silent) -> Iterator[TransactionLine]:
        """All transactions with their postings, in the order of their times."""


class LedgerSnapshot(Protocol):
    """Opens the books; they stay as they were at that moment while the block runs."""

    def __call__(self) -> AbstractContextManager[LedgerLines]: ...
