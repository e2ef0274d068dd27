"""An event is a committed change: a transaction, or the audit entry of any other change.

Events are numbered 1, 2, 3… without gaps, in an order in which nothing comes before what it follows from.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.audit_entry import Action, AuditEntry
from domain.transaction import Transaction, TransactionType

EVERY_TYPE = "*"
EVENT_TYPES = (
    *(f"{kind}.created" for kind in TransactionType),
    *(str(action) for action in Action),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`of` is what was committed; nothing of it is stored a second time."""

    number: int
    of: Transaction | AuditEntry

    @property
    def type(self) -> str:
        """What happened, such as `transfer.created` or `account.opened`."""
        if isinstance(self.of, Transaction):
            return f"{self.of.type}.created"
        return str(self.of.action)

    @property
    def resource_type(self) -> str:
        """What it happened to."""
        return "transaction" if isinstance(self.of, Transaction) else self.of.action.resource_type

    @property
    def resource_id(self) -> UUID:
        """To which of them."""
        return self.of.id if isinstance(self.of, Transaction) else self.of.resource_id

    @property
    def created_at(self) -> datetime:
        """When."""
        return self.of.created_at
