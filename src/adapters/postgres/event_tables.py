"""The tables of the audit trail with the numbers of events, as SQLAlchemy Core sees them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSON

from adapters.postgres.tables import metadata

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    Column("resource_id", Uuid, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # The database transaction that wrote the row: see adapters/postgres/sequencer.py.
    Column(
        "written_in",
        BigInteger,
        nullable=False,
        server_default=text("((pg_current_xact_id())::text)::bigint"),
    ),
    Column("action", Text, nullable=False),
    Column("resource_type", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("request_id", Text),
    Column("body", JSON, nullable=False),
    PrimaryKeyConstraint("id", name="audit_entry_pkey"),
    CheckConstraint(
        "starts_with(action, resource_type || '.')", name="audit_entry_action_is_of_its_resource"
    ),
    Index("audit_entry_written_in_idx", "written_in"),
    Index("audit_entry_resource_id_idx", "resource_id", "id"),
    Index("audit_entry_actor_idx", "actor", "id"),
    Index("audit_entry_action_idx", "action", "id"),
    Index("audit_entry_created_at_idx", "created_at"),
)

event_number = Table(
    "event_number",
    metadata,
    Column("number", BigInteger, nullable=False, autoincrement=False),
    Column("transaction_id", Uuid),
    Column("audit_entry_id", BigInteger),
    PrimaryKeyConstraint("number", name="event_number_pkey"),
    CheckConstraint("number > 0", name="event_number_is_positive"),
    CheckConstraint(
        "num_nonnulls(transaction_id, audit_entry_id) = 1", name="event_number_is_of_one_thing"
    ),
    Index(
        "event_number_transaction_id_key",
        "transaction_id",
        unique=True,
        postgresql_where=text("transaction_id IS NOT NULL"),
    ),
    Index(
        "event_number_audit_entry_id_key",
        "audit_entry_id",
        unique=True,
        postgresql_where=text("audit_entry_id IS NOT NULL"),
    ),
)
