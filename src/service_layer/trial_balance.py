"""The trial balance: what each side of the books adds up to, by currency."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyTotals:
    """In signed minor units: what customers have, what came from outside, what the house has exchanged.

    `external` is negative by as much as is in the books; `exchange` is the house's position: what it has
    taken in of this currency, less what it has paid out.
    """

    currency: str
    customers: int
    external: int
    exchange: int

    @property
    def sum(self) -> int:
        """0 in books that add up."""
        return self.customers + self.external + self.exchange


class TrialBalance(Protocol):
    """Reads every posting on the system wallets, which keep no balance: not for each payment."""

    def totals(self) -> list[CurrencyTotals]:
        """Of one moment, for every currency of the books, by their codes."""
