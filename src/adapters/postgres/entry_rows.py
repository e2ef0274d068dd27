"""Audit entries as rows."""

from collections.abc import Sequence
from typing import Any

from adapters.postgres.arrays import id_array, json_array, plain_array, text_array
from adapters.postgres.hold_rows import Statement
from domain.audit_entry import AuditEntry

# In the order of the batch: of two entries on the same thing the later gets the higher id.
PUT_ENTRIES = """
PREPARE put_entries (uuid[], timestamptz[], text[], text[], text[], text[], json[]) AS
INSERT INTO audit_entry
    (resource_id, created_at, action, resource_type, actor, request_id, body)
SELECT resource_id, created_at, action, resource_type, actor, request_id, body
FROM unnest($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY AS new
    (resource_id, created_at, action, resource_type, actor, request_id, body, place)
ORDER BY place
"""


def entries_statement(entries: Sequence[AuditEntry]) -> Statement:
    """All entries of a batch."""
    return "EXECUTE put_entries (%s, %s, %s, %s, %s, %s, %s)", [
        id_array(entry.resource_id for entry in entries),
        plain_array(entry.created_at for entry in entries),
        text_array(entry.action for entry in entries),
        text_array(entry.action.resource_type for entry in entries),
        text_array(entry.actor for entry in entries),
        text_array(entry.request_id for entry in entries),
        json_array(entry.body for entry in entries),
    ]


def row_of_entry(entry: AuditEntry) -> dict[str, Any]:
    """For what is written apart from the money road."""
    return {
        "resource_id": entry.resource_id,
        "created_at": entry.created_at,
        "action": str(entry.action),
        "resource_type": entry.action.resource_type,
        "actor": entry.actor,
        "request_id": entry.request_id,
        "body": dict(entry.body),
    }
