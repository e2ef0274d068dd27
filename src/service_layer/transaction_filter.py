"""Which transactions of a list are wanted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFilter:
    """What is set must all be true of a transaction: `from_time` <= its time < `to_time`.

    A wallet or an account is one of those that its postings are on; `metadata` is among what it has.
    """

    type: str | None = None
    reference: str | None = None
    hold_id: UUID | None = None
    reverses: UUID | None = None
    wallet_id: UUID | None = None
    account_id: UUID | None = None
    from_time: datetime | None = None
    to_time: datetime | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    def fits(self, transaction: Transaction) -> bool:
        """All but wallet and account, which the transaction itself says too little about."""
        return (
            (self.type is None or transaction.type == self.type)
            and (self.reference is None or transaction.reference == self.reference)
            and (self.hold_id is None or transaction.hold_id == self.hold_id)
            and (self.reverses is None or transaction.reverses == self.reverses)
            and (self.from_time is None or transaction.created_at >= self.from_time)
            and (self.to_time is None or transaction.created_at < self.to_time)
            and self.metadata.items() <= transaction.metadata.items()
        )
