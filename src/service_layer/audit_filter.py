"""Which audit entries of a list are wanted."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.audit_entry import AuditEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What is set must all be true of an entry: `from_time` <= its time < `to_time`."""

    actor: str | None = None
    resource_id: UUID | None = None
    action: str | None = None
    from_time: datetime | None = None
    to_time: datetime | None = None

    def fits(self, entry: AuditEntry) -> bool:
        """All of it."""
        return (
            (self.actor is None or entry.actor == self.actor)
            and (self.resource_id is None or entry.resource_id == self.resource_id)
            and (self.action is None or entry.action == self.action)
            and (self.from_time is None or entry.created_at >= self.from_time)
            and (self.to_time is None or entry.created_at < self.to_time)
        )
