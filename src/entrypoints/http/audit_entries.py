"""The audit trail, newest first."""

from typing import Any

from marshmallow import fields, validate

from domain.audit_entry import Action
from domain.scope import Scope
from entrypoints.http.answers import Answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.event_answer import ENTRY_EXAMPLE, EntrySchema
from entrypoints.http.fields import Id, Text
from entrypoints.http.operations import Get
from entrypoints.http.paging import (
    PageQuery,
    page_answer,
    page_example,
    page_schema,
    read_version_cursor,
)
from entrypoints.http.services import Services
from entrypoints.http.times import Time
from service_layer.audit_filter import AuditFilter
from service_layer.event_json import entry_to_json

DESCRIPTION = (
    "What became of what by whose request, for every change that is no transaction; transactions carry"
    " their actor themselves, as their events show."
)
ACTOR_LENGTH_MAX = 200


class EntriesQuery(PageQuery):
    """Which entries; `from` is a word of Python, hence `data_key`."""

    actor = Text(
        length_min=1, length_max=ACTOR_LENGTH_MAX, metadata={"description": "By this actor."}
    )
    resource_id = Id(metadata={"description": "About this resource."})
    action = fields.String(
        validate=validate.OneOf([str(action) for action in Action]),
        metadata={"description": "Of this kind."},
    )
    from_time = Time(data_key="from", metadata={"description": "From this time on."})
    to_time = Time(data_key="to", metadata={"description": "Before this time."})


LIST = Get(
    scope=Scope.AUDIT_ENTRIES_READ,
    rule="/v1/audit-entries",
    id="listAuditEntries",
    query=EntriesQuery,
    answer=page_schema(EntrySchema, "AuditEntry"),
    example=page_example(ENTRY_EXAMPLE),
)


def audit_entries_blueprint(services: Services) -> Blueprint:
    """The audit trail, to be read."""
    blueprint = Blueprint("audit-entries", services, description=DESCRIPTION)

    @blueprint.get_operation(LIST)
    def list_audit_entries(*, limit: int, cursor: str | None = None, **wanted: Any) -> Answer:
        """List audit entries, newest first"""
        before = read_version_cursor("audit-entries", cursor)
        found = services.events.entries(AuditFilter(**wanted), before=before, limit=limit + 1)
        return page_answer("audit-entries", [entry_to_json(entry) for entry in found], limit)

    return blueprint
