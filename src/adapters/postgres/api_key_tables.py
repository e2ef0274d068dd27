"""The tables of API keys, as SQLAlchemy Core sees them; the migrations make them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.postgres.tables import metadata

api_key = Table(
    "api_key",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("account_id", Uuid, ForeignKey("account.id", name="api_key_account_id_fkey")),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    PrimaryKeyConstraint("id", name="api_key_pkey"),
    CheckConstraint("char_length(name) BETWEEN 1 AND 200", name="api_key_name_length"),
    CheckConstraint("cardinality(scopes) > 0", name="api_key_has_scopes"),
    CheckConstraint(
        "account_id IS NULL OR NOT 'admin' = ANY (scopes)", name="api_key_bound_is_no_admin"
    ),
)

api_key_secret = Table(
    "api_key_secret",
    metadata,
    Column("prefix", Text, nullable=False),
    Column(
        "api_key_id",
        Uuid,
        ForeignKey("api_key.id", name="api_key_secret_api_key_id_fkey"),
        nullable=False,
    ),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("prefix", name="api_key_secret_pkey"),
    CheckConstraint("prefix ~ '^[0-9a-f]{12}$'", name="api_key_secret_prefix_has_its_form"),
    CheckConstraint("octet_length(hash) = 32", name="api_key_secret_hash_is_sha_256"),
    UniqueConstraint("api_key_id", "prefix", name="api_key_secret_api_key_id_prefix_key"),
)
