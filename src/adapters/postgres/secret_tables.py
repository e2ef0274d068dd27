"""The table of secrets that the service makes for itself; a migration makes it."""

from sqlalchemy import CheckConstraint, Column, LargeBinary, PrimaryKeyConstraint, Table, Text

from adapters.postgres.tables import metadata

service_secret = Table(
    "service_secret",
    metadata,
    Column("name", Text, nullable=False),
    Column("value", LargeBinary, nullable=False),
    PrimaryKeyConstraint("name", name="service_secret_pkey"),
    CheckConstraint("octet_length(value) >= 32", name="service_secret_value_is_long"),
)
