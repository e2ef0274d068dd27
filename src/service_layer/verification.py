"""The port of what verifications have found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """One run of `payments verify`; a quick one did not hash the sealed transactions again."""

    started_at: datetime
    duration_ms: int
    quick: bool
    transactions: int
    postings: int
    wallets: int
    sealed: int
    findings: int


class Verifications(Protocol):
    """Keeps what came out."""

    def record(self, verification: Verification) -> None:
        """Keep one for good."""

    def last(self) -> Verification | None:
        """The newest; None when there was none."""
