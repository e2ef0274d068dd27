"""The table of quotes, as SQLAlchemy Core sees it; the migrations make it."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

from adapters.postgres.tables import MAX, metadata


def _currency(name: str) -> Column[str]:
    key = ForeignKey("currency.code", name=f"quote_{name}_fkey")
    return Column(name, Text, key, nullable=False)


quote = Table(
    "quote",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("source_amount", BigInteger, nullable=False),
    Column("destination_amount", BigInteger, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    _currency("source_currency"),
    _currency("destination_currency"),
    Column("rate", Numeric, nullable=False),
    Column("exact", Numeric, nullable=False),
    Column("actor", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    PrimaryKeyConstraint("id", name="quote_pkey"),
    CheckConstraint(f"source_amount BETWEEN 1 AND {MAX}", name="quote_source_amount_in_range"),
    CheckConstraint(
        f"destination_amount BETWEEN 1 AND {MAX}", name="quote_destination_amount_in_range"
    ),
    CheckConstraint("rate > 0", name="quote_rate_is_positive"),
    CheckConstraint("destination_amount = floor(exact)", name="quote_rounds_down"),
    CheckConstraint("source_currency <> destination_currency", name="quote_has_two_currencies"),
    CheckConstraint("expires_at > created_at", name="quote_expires_after_it_is_made"),
)
