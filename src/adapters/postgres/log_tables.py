"""The tables of the transaction log, as SQLAlchemy Core sees them; the migrations make them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from adapters.postgres.tables import metadata

transaction_number = Table(
    "transaction_number",
    metadata,
    Column("number", BigInteger, nullable=False, autoincrement=False),
    Column("transaction_id", Uuid, nullable=False),
    PrimaryKeyConstraint("number", name="transaction_number_pkey"),
    UniqueConstraint("transaction_id", name="transaction_number_transaction_id_key"),
    CheckConstraint("number > 0", name="transaction_number_is_positive"),
)

sequencer = Table(
    "sequencer",
    metadata,
    Column("id", SmallInteger, nullable=False, autoincrement=False, server_default=text("1")),
    Column("server", Text, nullable=False),
    Column("snapshot", Text, nullable=False),
    PrimaryKeyConstraint("id", name="sequencer_pkey"),
    CheckConstraint("id IN (1, 2)", name="sequencer_is_known"),
)

seal = Table(
    "seal",
    metadata,
    Column("block", BigInteger, nullable=False, autoincrement=False),
    Column("first_number", BigInteger, nullable=False),
    Column("tree_size", BigInteger, nullable=False),
    Column("sealed_at", DateTime(timezone=True), nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
    Column("leaves", LargeBinary, nullable=False),
    PrimaryKeyConstraint("block", name="seal_pkey"),
    UniqueConstraint("tree_size", name="seal_tree_size_key"),
    CheckConstraint(
        "block > 0 AND first_number > 0 AND tree_size >= first_number"
        " AND octet_length(leaves) = 32 * (tree_size - first_number + 1)",
        name="seal_has_its_leaves",
    ),
    CheckConstraint(
        "octet_length(root) = 32 AND octet_length(previous_hash) = 32 AND octet_length(hash) = 32",
        name="seal_hashes_are_sha_256",
    ),
)

seal_subtree = Table(
    "seal_subtree",
    metadata,
    Column("level", SmallInteger, nullable=False, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("level", "position", name="seal_subtree_pkey"),
    CheckConstraint("octet_length(hash) = 32", name="seal_subtree_hash_is_sha_256"),
)

verification = Table(
    "verification",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("quick", Boolean, nullable=False),
    Column("transactions", BigInteger, nullable=False),
    Column("postings", BigInteger, nullable=False),
    Column("wallets", BigInteger, nullable=False),
    Column("sealed", BigInteger, nullable=False),
    Column("findings", BigInteger, nullable=False),
    PrimaryKeyConstraint("id", name="verification_pkey"),
)
