"""A quote says what a conversion would pay, for as long as it is valid.

Shapes and units: `source_amount` and `destination_amount` are integers in minor units of their currencies;
`rate` and `exact` are exact decimals, as strings.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from domain.errors import QuoteExpired, QuoteUsed
from domain.rate import decimal_text


class QuoteStatus(StrEnum):
    """Only an open quote can be used; the others are final."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """It is used once, by the conversion that `transaction_id` names.

    `exact` is the destination amount before it was rounded, in minor units.
    """

    id: UUID
    source_currency: str
    destination_currency: str
    source_amount: int
    destination_amount: int
    rate: str
    exact: str
    status: QuoteStatus = QuoteStatus.OPEN
    transaction_id: UUID | None = None
    expires_at: datetime
    actor: str
    request_id: str
    created_at: datetime

    @property
    def rounding(self) -> str:
        """`destination_amount` less `exact`, an exact decimal."""
        return decimal_text(self.destination_amount - Fraction(self.exact))

    def as_of(self, now: datetime) -> "Quote":
        """This quote at `now`: from its instant on it is expired, unless it was used before."""
        if self.status is not QuoteStatus.OPEN or now < self.expires_at:
            return self
        return replace(self, status=QuoteStatus.EXPIRED)

    def check_open(self) -> None:
        """Errors: QuoteUsed, QuoteExpired."""
        if self.status is QuoteStatus.USED:
            raise QuoteUsed(
                f"Quote {self.id} was used before.",
                quote_id=str(self.id),
                transaction_id=str(self.transaction_id),
            )
        if self.status is QuoteStatus.EXPIRED:
            raise QuoteExpired(f"Quote {self.id} has expired.", quote_id=str(self.id))

    def used_by(self, transaction_id: UUID) -> "Quote":
        """This quote once that conversion has used it."""
        return replace(self, status=QuoteStatus.USED, transaction_id=transaction_id)
