"""The tables of webhooks, as SQLAlchemy Core sees them; the migrations make them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.postgres.tables import metadata

webhook_endpoint = Table(
    "webhook_endpoint",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("previous_secret_until", DateTime(timezone=True)),
    Column("url", Text, nullable=False),
    Column("event_types", ARRAY(Text), nullable=False),
    Column("description", Text),
    Column("status", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("previous_secret", Text),
    PrimaryKeyConstraint("id", name="webhook_endpoint_pkey"),
    CheckConstraint("status IN ('enabled', 'disabled')", name="webhook_endpoint_status_known"),
    CheckConstraint(
        "(previous_secret IS NULL) = (previous_secret_until IS NULL)",
        name="webhook_endpoint_previous_secret_ends",
    ),
)

webhook_progress = Table(
    "webhook_progress",
    metadata,
    Column("endpoint_id", Uuid, nullable=False),
    Column("event_number", BigInteger, nullable=False),
    Column("paused_until", DateTime(timezone=True)),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("endpoint_id", name="webhook_progress_pkey"),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("id", Uuid, nullable=False),
    Column(
        "endpoint_id",
        Uuid,
        ForeignKey("webhook_endpoint.id", name="webhook_delivery_endpoint_id_fkey"),
        nullable=False,
    ),
    Column("event_number", BigInteger, nullable=False),
    Column("next_attempt_at", DateTime(timezone=True), nullable=False),
    Column("give_up_at", DateTime(timezone=True), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("leased_until", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("event_type", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="pending"),
    PrimaryKeyConstraint("id", name="webhook_delivery_pkey"),
    UniqueConstraint(
        "endpoint_id", "event_number", name="webhook_delivery_endpoint_id_event_number_key"
    ),
    CheckConstraint(
        "status IN ('pending', 'delivered', 'dead')", name="webhook_delivery_status_known"
    ),
    CheckConstraint(
        "(status = 'pending') = (finished_at IS NULL)", name="webhook_delivery_finishes"
    ),
    Index(
        "webhook_delivery_due_idx",
        "endpoint_id",
        "next_attempt_at",
        "event_number",
        postgresql_where=text("status = 'pending'"),
    ),
    Index(
        "webhook_delivery_give_up_idx",
        "give_up_at",
        postgresql_where=text("status = 'pending'"),
    ),
    Index(
        "webhook_delivery_dead_idx",
        "endpoint_id",
        "event_number",
        postgresql_where=text("status = 'dead'"),
    ),
    Index(
        "webhook_delivery_delivered_idx",
        "finished_at",
        postgresql_where=text("status = 'delivered'"),
    ),
)

webhook_attempt = Table(
    "webhook_attempt",
    metadata,
    Column(
        "delivery_id",
        Uuid,
        ForeignKey(
            "webhook_delivery.id", name="webhook_attempt_delivery_id_fkey", ondelete="CASCADE"
        ),
        nullable=False,
    ),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("number", Integer, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("response_status", Integer),
    Column("error", Text),
    PrimaryKeyConstraint("delivery_id", "number", name="webhook_attempt_pkey"),
    CheckConstraint(
        "num_nonnulls(response_status, error) = 1", name="webhook_attempt_has_one_outcome"
    ),
)
