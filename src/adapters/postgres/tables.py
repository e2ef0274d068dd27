"""The tables, as SQLAlchemy Core sees them; the migrations make them.

Amounts are bigint minor units. What this page cannot say (triggers, storage parameters) is in the migrations.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

metadata = MetaData()
MAX = 9_007_199_254_740_991
EMPTY = text("'{}'::jsonb")


def _time(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _check(name: str, rule: str) -> CheckConstraint:
    return CheckConstraint(rule, name=name)


currency = Table(
    "currency",
    metadata,
    Column("code", Text, nullable=False),
    Column("exponent", SmallInteger, nullable=False),
    PrimaryKeyConstraint("code", name="currency_pkey"),
    _check("currency_code_is_iso_4217", "code ~ '^[A-Z]{3}$'"),
    _check("currency_exponent_in_range", "exponent BETWEEN 0 AND 4"),
)

account = Table(
    "account",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("reference", Text),
    Column("status", Text, nullable=False),
    Column("metadata", JSONB, nullable=False, server_default=EMPTY),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    _time("created_at"),
    _time("updated_at"),
    PrimaryKeyConstraint("id", name="account_pkey"),
    _check("account_name_length", "char_length(name) BETWEEN 1 AND 200"),
    _check("account_status_known", "status IN ('active', 'frozen', 'closed')"),
    Index(
        "account_reference_key",
        "reference",
        unique=True,
        postgresql_where=text("reference IS NOT NULL"),
    ),
)

wallet = Table(
    "wallet",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("account_id", Uuid, ForeignKey("account.id", name="wallet_account_id_fkey")),
    Column("balance", BigInteger),
    Column("held", BigInteger, nullable=False, server_default=text("0")),
    Column("overdraft_limit", BigInteger, nullable=False, server_default=text("0")),
    Column("max_balance", BigInteger),
    Column("wallet_version", BigInteger),
    _time("last_posted_at", nullable=True),
    _time("created_at"),
    _time("updated_at"),
    Column("currency", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="active"),
    PrimaryKeyConstraint("id", name="wallet_pkey"),
    ForeignKeyConstraint(["currency"], ["currency.code"], name="wallet_currency_fkey"),
    UniqueConstraint("account_id", "currency", name="wallet_account_id_currency_key"),
    _check("wallet_status_known", "status IN ('active', 'frozen', 'closed')"),
    _check("wallet_balance_in_range", f"balance BETWEEN -{MAX} AND {MAX}"),
    _check("wallet_held_in_range", f"held BETWEEN 0 AND {MAX}"),
    _check("wallet_overdraft_limit_in_range", f"overdraft_limit BETWEEN 0 AND {MAX}"),
    _check("wallet_max_balance_in_range", f"max_balance BETWEEN 0 AND {MAX}"),
    _check("wallet_funds_suffice", "balance - held + overdraft_limit >= 0"),
    _check("wallet_keeps_to_its_max_balance", "balance <= max_balance"),
    _check("wallet_is_empty_when_closed", "status <> 'closed' OR balance = 0 AND held = 0"),
    _check(
        "wallet_of_system_has_no_balance",
        "(account_id IS NULL) = (balance IS NULL) AND (account_id IS NULL) = (wallet_version IS NULL)",
    ),
)

transaction = Table(
    "transaction",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("reverses", Uuid),
    Column("hold_id", Uuid),
    _time("created_at"),
    Column("type", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("reference", Text),
    Column("description", Text),
    Column("metadata", JSONB, nullable=False, server_default=EMPTY),
    Column("allocation", JSONB(none_as_null=True)),
    Column("quote_id", Uuid),
    # The database transaction that wrote the row: see adapters/postgres/sequencer.py.
    Column(
        "written_in",
        BigInteger,
        nullable=False,
        server_default=text("((pg_current_xact_id())::text)::bigint"),
    ),
    PrimaryKeyConstraint("id", name="transaction_pkey"),
    Index("transaction_written_in_idx", "written_in"),
    _check(
        "transaction_type_known",
        "type IN ('replenishment', 'withdrawal', 'transfer', 'capture', 'reversal', 'split',"
        " 'conversion', 'journal')",
    ),
    _check("transaction_capture_names_its_hold", "(type = 'capture') = (hold_id IS NOT NULL)"),
    _check(
        "transaction_reversal_names_its_original", "(type = 'reversal') = (reverses IS NOT NULL)"
    ),
    _check("transaction_split_has_allocation", "(type = 'split') = (allocation IS NOT NULL)"),
    Index(
        "transaction_reverses_created_at_id_idx",
        "reverses",
        "created_at",
        "id",
        postgresql_where=text("reverses IS NOT NULL"),
    ),
    _check(
        "transaction_conversion_names_its_quote", "(type = 'conversion') = (quote_id IS NOT NULL)"
    ),
    Index("transaction_hold_id_idx", "hold_id", "id", postgresql_where=text("hold_id IS NOT NULL")),
    # A quote is used once, whichever process is faster.
    Index(
        "transaction_quote_id_key",
        "quote_id",
        unique=True,
        postgresql_where=text("quote_id IS NOT NULL"),
    ),
    Index("transaction_created_at_idx", "created_at", "id"),
    Index(
        "transaction_type_idx",
        "type",
        "created_at",
        "id",
        postgresql_where=text("type <> 'transfer'"),
    ),
    Index(
        "transaction_metadata_idx",
        "metadata",
        postgresql_using="gin",
        postgresql_ops={"metadata": "jsonb_path_ops"},
        postgresql_where=text("metadata <> '{}'::jsonb"),
    ),
    Index(
        "transaction_reference_key",
        "reference",
        unique=True,
        postgresql_where=text("reference IS NOT NULL"),
    ),
)

posting = Table(
    "posting",
    metadata,
    Column("transaction_id", Uuid, nullable=False),
    Column("wallet_id", Uuid, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("balance_after", BigInteger),
    Column("wallet_version", BigInteger),
    _time("created_at"),
    Column("leg", SmallInteger, nullable=False),
    Column("currency", Text, nullable=False),
    PrimaryKeyConstraint("transaction_id", "leg", name="posting_pkey"),
    UniqueConstraint("wallet_id", "wallet_version", name="posting_wallet_id_wallet_version_key"),
    Index("posting_wallet_id_created_at_idx", "wallet_id", "created_at", "wallet_version"),
    _check("posting_amount_in_range", f"amount <> 0 AND amount BETWEEN -{MAX} AND {MAX}"),
    _check(
        "posting_has_balance_and_version_or_neither",
        "(balance_after IS NULL) = (wallet_version IS NULL)",
    ),
)

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("scope", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("transaction_id", Uuid),
    Column("outcome", JSON),
    _time("created_at"),
    PrimaryKeyConstraint("scope", "key", name="idempotency_key_pkey"),
    _check("idempotency_key_has_one_outcome", "(transaction_id IS NULL) <> (outcome IS NULL)"),
)

_EXPIRING = text("status = 'pending' AND expires_at IS NOT NULL")

hold = Table(
    "hold",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("wallet_id", Uuid, ForeignKey("wallet.id", name="hold_wallet_id_fkey"), nullable=False),
    Column(
        "destination_wallet_id",
        Uuid,
        ForeignKey("wallet.id", name="hold_destination_wallet_id_fkey"),
    ),
    Column("amount", BigInteger, nullable=False),
    Column("captured", BigInteger, nullable=False, server_default=text("0")),
    _time("expires_at", nullable=True),
    _time("created_at"),
    _time("updated_at"),
    Column(
        "currency", Text, ForeignKey("currency.code", name="hold_currency_fkey"), nullable=False
    ),
    Column("status", Text, nullable=False, server_default="pending"),
    Column("actor", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("reference", Text),
    Column("description", Text),
    Column("metadata", JSONB, nullable=False, server_default=EMPTY),
    PrimaryKeyConstraint("id", name="hold_pkey"),
    _check("hold_amount_in_range", f"amount BETWEEN 1 AND {MAX}"),
    _check("hold_captured_in_range", "captured BETWEEN 0 AND amount"),
    _check("hold_status_known", "status IN ('pending', 'captured', 'voided', 'expired')"),
    _check(
        "hold_status_fits_captured",
        "CASE status WHEN 'captured' THEN captured > 0 ELSE captured < amount END",
    ),
    _check("hold_expired_has_instant", "status <> 'expired' OR expires_at IS NOT NULL"),
    _check("hold_expires_after_it_is_placed", "expires_at > created_at"),
    _check("hold_destination_is_another_wallet", "destination_wallet_id <> wallet_id"),
    Index(
        "hold_reference_key",
        "reference",
        unique=True,
        postgresql_where=text("reference IS NOT NULL"),
    ),
    Index("hold_wallet_id_idx", "wallet_id", "id"),
    Index("hold_status_idx", "status", "id"),
    Index("hold_expiring_of_wallet_idx", "wallet_id", "expires_at", postgresql_where=_EXPIRING),
    Index("hold_expiring_idx", "expires_at", postgresql_where=_EXPIRING),
)
