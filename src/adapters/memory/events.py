"""Queries about events on the in-memory ledger."""

from itertools import islice

from adapters.memory.ledger import Ledger
from domain.audit_entry import AuditEntry
from domain.event import Event
from service_layer.audit_filter import AuditFilter
from service_layer.event_queries import LOOKED_AT_MAX, EventPage


class MemoryEvents:
    """What is committed, up to the last that has a number."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def after(
        self,
        number: int,
        *,
        type: str | None = None,
        actor: str | None = None,
        request_id: str | None = None,
        limit: int,
    ) -> EventPage:
        with self._ledger.lock:
            end = min(self._ledger.events, number + LOOKED_AT_MAX)
            looked_at = self._ledger.committed[number:end]
        events = [Event(number=each, of=of) for each, of in enumerate(looked_at, number + 1)]
        found = [
            event
            for event in events
            if type in (None, event.type)
            and actor in (None, event.of.actor)
            and request_id in (None, event.of.request_id)
        ][:limit]
        next = found[-1].number if len(found) == limit else max(number, end)
        return EventPage(events=tuple(found), next=next)

    def entries(self, chosen: AuditFilter, *, before: int | None, limit: int) -> list[AuditEntry]:
        with self._ledger.lock:
            older = self._ledger.entries[: None if before is None else before - 1]
        return list(islice(filter(chosen.fits, reversed(older)), limit))
