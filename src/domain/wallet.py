"""A wallet holds money of one currency for one account.

Shapes and units: `balance`, `held`, `overdraft_limit` and `max_balance` are integers in minor units;
`version` counts the wallet's postings, 0 when there are none yet.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from hashlib import sha256
from uuid import UUID

from domain.errors import (
    AccountClosed,
    AccountFrozen,
    BalanceLimitExceeded,
    CurrencyMismatch,
    InsufficientFunds,
)
from domain.money import AMOUNT_MINOR_MAX

NEVER = datetime(1, 1, 1, tzinfo=UTC)


class Status(StrEnum):
    """The status of an account, repeated on each of its wallets."""

    ACTIVE = "active"
    FROZEN = "frozen"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """A customer's wallet as the rules see it; a change makes a new value."""

    id: UUID
    account_id: UUID
    currency: str
    status: Status = Status.ACTIVE
    balance: int = 0
    held: int = 0
    overdraft_limit: int = 0
    max_balance: int | None = None
    version: int = 0
    last_posted_at: datetime = NEVER

    @property
    def available(self) -> int:
        """What may be paid out before the overdraft is touched, in minor units."""
        return self.balance - self.held

    def check_posting(self, amount: int, currency: str) -> None:
        """Refuse a posting of `amount` signed minor units that this wallet may not take (or a net of 0).

        Errors, in the order they are checked: AccountClosed, AccountFrozen (money out only; money in is
        welcome), CurrencyMismatch, InsufficientFunds, BalanceLimitExceeded.
        """
        if self.status is not Status.ACTIVE:
            self._check_status(amount)
        if currency != self.currency:
            raise CurrencyMismatch(
                f"Wallet {self.id} holds {self.currency}, not {currency}.",
                wallet_id=str(self.id),
                currency=self.currency,
            )
        if amount < 0:
            self._check_funds(amount)
        elif amount:
            self._check_limit(amount)

    def after(self, amount: int, at: datetime) -> "Wallet":
        """This wallet after its next posting, of `amount` signed minor units at the time `at`."""
        return Wallet(
            id=self.id,
            account_id=self.account_id,
            currency=self.currency,
            status=self.status,
            balance=self.balance + amount,
            held=self.held,
            overdraft_limit=self.overdraft_limit,
            max_balance=self.max_balance,
            version=self.version + 1,
            last_posted_at=at,
        )

    def check_hold(self, amount: int, currency: str) -> None:
        """Refuse to reserve `amount` minor units: who may not pay them may not hold them either.

        Errors, in the order they are checked: those of `check_posting`, BalanceLimitExceeded.
        """
        self.check_posting(-amount, currency)
        if self.held + amount > AMOUNT_MINOR_MAX:
            raise BalanceLimitExceeded(
                f"At most {AMOUNT_MINOR_MAX} may be held in wallet {self.id}.",
                wallet_id=str(self.id),
                limit=AMOUNT_MINOR_MAX,
            )

    def holding(self, amount: int) -> "Wallet":
        """This wallet with `amount` minor units more held, or less when it is negative."""
        return replace(self, held=self.held + amount)

    def with_status(self, status: Status) -> "Wallet":
        """This wallet with the status that its account has now."""
        return replace(self, status=status)

    def with_limits(self, *, overdraft_limit: int, max_balance: int | None) -> "Wallet":
        """This wallet with other limits.

        Errors, in the order they are checked: AccountClosed; InsufficientFunds when more of the overdraft is
        in use; BalanceLimitExceeded when there is more in the wallet.
        """
        if self.status is Status.CLOSED:
            self._check_status(0)
        if self.available + overdraft_limit < 0:
            raise InsufficientFunds(
                f"Wallet {self.id} has {self.available} available:"
                f" an overdraft limit of {overdraft_limit} would not cover that.",
                wallet_id=str(self.id),
                available=self.available,
            )
        after = replace(self, overdraft_limit=overdraft_limit, max_balance=max_balance)
        after._check_limit(0)
        return after

    def _check_status(self, amount: int) -> None:
        if self.status is Status.CLOSED:
            raise AccountClosed(
                f"The account of wallet {self.id} is closed.", wallet_id=str(self.id)
            )
        if amount < 0:
            raise AccountFrozen(
                f"The account of wallet {self.id} is frozen: no money may leave it.",
                wallet_id=str(self.id),
            )

    def _check_funds(self, amount: int) -> None:
        if self.available + self.overdraft_limit + amount < 0:
            raise InsufficientFunds(
                f"Wallet {self.id} has {self.available} available"
                f" and an overdraft limit of {self.overdraft_limit}; {-amount} was asked for.",
                wallet_id=str(self.id),
                available=self.available,
            )

    def _check_limit(self, amount: int) -> None:
        limit = AMOUNT_MINOR_MAX if self.max_balance is None else self.max_balance
        if self.balance + amount > limit:
            raise BalanceLimitExceeded(
                f"Wallet {self.id} may hold {limit} at most.", wallet_id=str(self.id), limit=limit
            )


@cache
def external_wallet_id(currency: str) -> UUID:
    """The id of the system wallet through which a currency's money enters and leaves the books."""
    return _system_wallet_id("external", currency)


@cache
def exchange_wallet_id(currency: str) -> UUID:
    """The id of the system wallet in which a currency is exchanged for others: the house's position."""
    return _system_wallet_id("exchange", currency)


def system_wallet_ids(currency: str) -> tuple[UUID, UUID]:
    """The ids of all system wallets of a currency."""
    return (external_wallet_id(currency), exchange_wallet_id(currency))


def _system_wallet_id(kind: str, currency: str) -> UUID:
    """Derived from the currency's code (a UUIDv8 of RFC 9562: custom), so that no look-up is needed."""
    digest = bytearray(sha256(f"{kind} wallet {currency}".encode()).digest()[:16])
    digest[6] = (digest[6] & 0x0F) | 0x80
    digest[8] = (digest[8] & 0x3F) | 0x80
    return UUID(bytes=bytes(digest))
