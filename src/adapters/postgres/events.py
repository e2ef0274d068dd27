"""Queries about events on PostgreSQL."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from adapters.postgres.event_tables import audit_entry, event_number
from adapters.postgres.queries import POSTINGS_OF, posting_from, transaction_from
from adapters.postgres.reader import Reader
from adapters.postgres.tables import transaction
from domain.audit_entry import Action, AuditEntry
from domain.event import Event
from domain.transaction import Posting
from service_layer.audit_filter import AuditFilter
from service_layer.event_queries import LOOKED_AT_MAX, EventPage

Row = sa.Row[Any]

LAST = sa.select(sa.func.max(event_number.c.number))
# An event is one of the two: the other's columns are null.
WANTED = {
    "type": sa.func.coalesce(transaction.c.type + ".created", audit_entry.c.action),
    "actor": sa.func.coalesce(transaction.c.actor, audit_entry.c.actor),
    "request_id": sa.func.coalesce(transaction.c.request_id, audit_entry.c.request_id),
}
BETWEEN = (
    sa.select(
        event_number.c.number,
        event_number.c.audit_entry_id,
        transaction,
        *(column.label(f"entry_{column.name}") for column in audit_entry.c),
    )
    .select_from(event_number)
    .outerjoin(transaction, transaction.c.id == event_number.c.transaction_id)
    .outerjoin(audit_entry, audit_entry.c.id == event_number.c.audit_entry_id)
    .where(event_number.c.number > sa.bindparam("after"))
    .where(event_number.c.number <= sa.bindparam("end"))
    .order_by(event_number.c.number)
    .limit(sa.bindparam("at_most"))
)


class PostgresEvents:
    """By primary keys alone."""

    def __init__(self, engine: sa.Engine) -> None:
        self._rows = Reader(engine).rows

    def after(
        self,
        number: int,
        *,
        type: str | None = None,
        actor: str | None = None,
        request_id: str | None = None,
        limit: int,
    ) -> EventPage:
        # What is up to the last number stays as it is, so that the two reads need no snapshot in common.
        last: int = self._rows(LAST)[0][0] or 0
        end = min(last, number + LOOKED_AT_MAX)
        if end <= number:
            return EventPage(events=(), next=number)
        query = BETWEEN
        for name, value in {"type": type, "actor": actor, "request_id": request_id}.items():
            if value is not None:
                query = query.where(WANTED[name] == value)
        found = self._rows(query, after=number, end=end, at_most=limit)
        next = found[-1].number if len(found) == limit else end
        return EventPage(events=self._events(list(found)), next=next)

    def entries(self, chosen: AuditFilter, *, before: int | None, limit: int) -> list[AuditEntry]:
        query = sa.select(audit_entry).order_by(audit_entry.c.id.desc()).limit(limit)
        for name in ("actor", "resource_id", "action"):
            value = getattr(chosen, name)
            if value is not None:
                query = query.where(audit_entry.c[name] == value)
        if chosen.from_time is not None:
            query = query.where(audit_entry.c.created_at >= chosen.from_time)
        if chosen.to_time is not None:
            query = query.where(audit_entry.c.created_at < chosen.to_time)
        if before is not None:
            query = query.where(audit_entry.c.id < before)
        return [_entry(row, "") for row in self._rows(query)]

    def _events(self, rows: list[Row]) -> tuple[Event, ...]:
        ids = [row.id for row in rows if row.audit_entry_id is None]
        postings: dict[UUID, list[Posting]] = {id: [] for id in ids}
        for row in self._rows(POSTINGS_OF, ids=ids) if ids else ():
            postings[row.transaction_id].append(posting_from(row))
        return tuple(
            Event(
                number=row.number,
                of=_entry(row, "entry_")
                if row.audit_entry_id is not None
                else transaction_from(row, tuple(postings[row.id])),
            )
            for row in rows
        )


def _entry(row: Row, lead: str) -> AuditEntry:
    """The columns of `audit_entry`, whose names have that lead in a join."""
    names = [column.name for column in audit_entry.c]
    stored = {name: row._mapping[lead + name] for name in names}
    return AuditEntry(
        id=stored["id"],
        action=Action(stored["action"]),
        resource_id=stored["resource_id"],
        actor=stored["actor"],
        request_id=stored["request_id"],
        body=stored["body"],
        created_at=stored["created_at"],
    )
