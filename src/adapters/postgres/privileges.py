"""What the role that serves may do to each table: the whole list, nothing is granted elsewhere.

It may read everything. A lock (`FOR NO KEY UPDATE`) needs UPDATE on some column: the tables that are locked
have one.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class May:
    """Beside reading: add rows, change these columns, delete rows."""

    insert: bool = False
    update: tuple[str, ...] = ()
    delete: bool = False

    @property
    def privileges(self) -> frozenset[str]:
        """As PostgreSQL words them."""
        rows = {"INSERT"} if self.insert else set()
        rows |= {"DELETE"} if self.delete else set()
        return frozenset({"SELECT", *rows, *(f"UPDATE ({column})" for column in self.update)})


READ = May()
APPEND = May(insert=True)

# A table that is missing here cannot be used by the service: a test asks for its line.
OF_SERVICE: Mapping[str, May] = {
    "alembic_version": READ,
    "currency": READ,
    "account": May(insert=True, update=("name", "status", "metadata", "version", "updated_at")),
    "wallet": May(
        insert=True,
        update=(
            "balance",
            "held",
            "overdraft_limit",
            "max_balance",
            "wallet_version",
            "last_posted_at",
            "status",
            "updated_at",
        ),
    ),
    "transaction": APPEND,
    "posting": APPEND,
    "idempotency_key": APPEND,
    "hold": May(insert=True, update=("captured", "status", "updated_at")),
    "quote": APPEND,
    "service_secret": READ,
    "transaction_number": APPEND,
    "sequencer": May(insert=True, update=("server", "snapshot")),
    "seal": APPEND,
    "seal_subtree": APPEND,
    "verification": APPEND,
    "audit_entry": APPEND,
    "event_number": APPEND,
    "api_key": May(insert=True, update=("updated_at", "revoked_at")),
    "api_key_secret": May(insert=True, update=("expires_at",)),
    "webhook_endpoint": May(
        insert=True,
        update=(
            "version",
            "updated_at",
            "url",
            "event_types",
            "description",
            "status",
            "secret",
            "previous_secret",
            "previous_secret_until",
        ),
    ),
    "webhook_progress": May(insert=True, update=("event_number", "failures", "paused_until")),
    "webhook_delivery": May(
        insert=True,
        update=(
            "status",
            "attempts",
            "next_attempt_at",
            "give_up_at",
            "leased_until",
            "finished_at",
        ),
        delete=True,
    ),
    "webhook_attempt": APPEND,  # goes with its delivery, by the foreign key
}
