"""The port of queries about events: read-only, in the order in which they are numbered."""

from dataclasses import dataclass
from typing import Protocol

from domain.audit_entry import AuditEntry
from domain.event import Event
from service_layer.audit_filter import AuditFilter

LOOKED_AT_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """`next` is the number after which to go on; nothing more is numbered when it stays where it was."""

    events: tuple[Event, ...]
    next: int


class EventQueries(Protocol):
    """An event can be read once the sequencer came by; none is ever put before one that was read."""

    def after(
        self,
        number: int,
        *,
        type: str | None = None,
        actor: str | None = None,
        request_id: str | None = None,
        limit: int,
    ) -> EventPage:
        """The events with the numbers after this one that are all of this, in order, `limit` at most.

        It looks at LOOKED_AT_MAX events at most: a page may be short or empty although there are more.
        """

    def entries(self, chosen: AuditFilter, *, before: int | None, limit: int) -> list[AuditEntry]:
        """The audit entries that are as chosen, newest first, before the one with that id."""
