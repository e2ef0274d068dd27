"""Alembic's way in: runs the migrations on the connection that the caller hands over.

The caller (adapters.postgres.migrate) holds an advisory lock, so that several processes may start at once.
"""

from alembic import context

from adapters.postgres import (  # noqa: F401 - they add to the metadata
    api_key_tables,
    event_tables,
    log_tables,
    quote_tables,
    webhook_tables,
)
from adapters.postgres.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_server_default=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
