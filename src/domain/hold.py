"""A hold reserves money on a wallet until it is captured, voided or expired.

Shapes and units: `amount`, `captured` and `remaining` are integers in minor units. The steps that a hold may
take are the table in docs/holds.md, which its test reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.errors import DestinationDiffers, ExceedsHold, HoldExpired, HoldNotPending


class HoldStatus(StrEnum):
    """Only a pending hold reserves money; the others are final."""

    PENDING = "pending"
    CAPTURED = "captured"
    VOIDED = "voided"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """What the expired holds of one wallet had reserved, in minor units, with the instant of the last."""

    remaining: int
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A step makes a new value. `destination_wallet_id` is None until a capture names one, or for good."""

    id: UUID
    wallet_id: UUID
    destination_wallet_id: UUID | None = None
    amount: int
    captured: int = 0
    currency: str
    status: HoldStatus = HoldStatus.PENDING
    expires_at: datetime | None = None
    reference: str | None = None
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    actor: str
    request_id: str
    created_at: datetime
    updated_at: datetime

    @property
    def remaining(self) -> int:
        """What is still reserved, in minor units."""
        return self.amount - self.captured if self.status is HoldStatus.PENDING else 0

    @property
    def wallet_ids(self) -> tuple[UUID, ...]:
        """The wallets that it names."""
        if self.destination_wallet_id is None:
            return (self.wallet_id,)
        return (self.wallet_id, self.destination_wallet_id)

    def is_over(self, now: datetime) -> bool:
        """Whether it is pending in name only: its instant has come."""
        pending = self.status is HoldStatus.PENDING
        return pending and self.expires_at is not None and self.expires_at <= now

    def as_of(self, now: datetime) -> "Hold":
        """This hold at `now`: from its instant on it is expired, whether or not anybody wrote that down."""
        if self.expires_at is None or not self.is_over(now):
            return self
        return replace(self, status=HoldStatus.EXPIRED, updated_at=self.expires_at)

    def to_capture(self, amount: int | None) -> int:
        """The minor units that a capture of `amount` takes, of all that remains when it is None.

        Errors, in the order they are checked: HoldExpired or HoldNotPending, ExceedsHold.
        """
        self._check_pending()
        if amount is not None and amount > self.remaining:
            raise ExceedsHold(
                f"{self.remaining} of hold {self.id} remain; {amount} was asked for.",
                hold_id=str(self.id),
                remaining=self.remaining,
            )
        return self.remaining if amount is None else amount

    def destination(self, named: UUID | None) -> UUID | None:
        """Where captured money goes: to the hold's own destination, else where the capture says.

        None is out of the books. DestinationDiffers when a capture names another wallet than the hold did.
        """
        own = self.destination_wallet_id
        if own is None or named is None or named == own:
            return own or named
        raise DestinationDiffers(
            f"Hold {self.id} is for wallet {own}; the capture names {named}.",
            hold_id=str(self.id),
            wallet_id=str(own),
        )

    def after_capture(self, amount: int, at: datetime, *, final: bool) -> "Hold":
        """This hold once `amount` more is captured; what remains is released when it is `final`.

        Errors: those of `to_capture`.
        """
        captured = self.captured + self.to_capture(amount)
        done = final or captured == self.amount
        status = HoldStatus.CAPTURED if done else HoldStatus.PENDING
        return replace(self, captured=captured, status=status, updated_at=self._later(at))

    def after_void(self, at: datetime) -> "Hold":
        """This hold once it is voided: what remains is released. HoldExpired or HoldNotPending."""
        self._check_pending()
        return replace(self, status=HoldStatus.VOIDED, updated_at=self._later(at))

    def _check_pending(self) -> None:
        if self.status is HoldStatus.EXPIRED:
            raise HoldExpired(f"Hold {self.id} has expired.", hold_id=str(self.id))
        if self.status is not HoldStatus.PENDING:
            raise HoldNotPending(
                f"Hold {self.id} is {self.status}.", hold_id=str(self.id), hold_status=self.status
            )

    def _later(self, at: datetime) -> datetime:
        """Clocks of different processes may differ; a hold's own time never runs backwards."""
        return max(at, self.updated_at)
