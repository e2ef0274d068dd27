"""Writes the whole ledger out of one snapshot, row by row."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from adapters.postgres.archive_contents import (
    RFC_3339,
    export_query,
    exported_tables,
    quoted,
    rows_kept,
)
from adapters.postgres.migrate import found_revision
from adapters.postgres.operator import for_operator
from service_layer.archive_file import ArchiveWriter, Header, Target
from service_layer.audit import Progress

# As long as it takes, with the text of every value alike whatever the server's settings are.
SNAPSHOT = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL bytea_output = 'hex';
SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL extra_float_digits = 1
"""
EXPORTED_AT = f"SELECT to_char(now() AT TIME ZONE 'UTC', {RFC_3339})"
# No JSON has these two characters unescaped, so that each row is sent as it is.
COPY = r"COPY ({}) TO STDOUT WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')"
SHOW_EVERY = 1_000


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that sees the books as they are now, until the block ends."""
    with for_operator(), engine.connect() as connection:
        connection.execute(sa.text(SNAPSHOT))
        yield connection


def save(engine: sa.Engine, target: Target, progress: Progress) -> None:
    """All tables, one after the other."""
    writer = ArchiveWriter(target=target)
    with snapshot(engine) as connection:
        exported_at = connection.execute(sa.text(EXPORTED_AT)).scalar_one()
        writer.begin(Header(schema=found_revision(connection), exported_at=exported_at))
        cursor: Any = connection.connection.cursor()
        for table in exported_tables():
            writer.begin_table(table.name)
            copied = _Shown(writer, table.name, _count(connection, table), progress)
            cursor.copy_expert(COPY.format(export_query(table)), copied)
        writer.end()


def _count(connection: sa.Connection, table: sa.Table) -> int:
    """How many rows there will be."""
    query = f"SELECT count(*) FROM {quoted(table.name)} WHERE {rows_kept(table)}"
    found: int = connection.execute(sa.text(query)).scalar_one()
    return found


class _Shown:
    """Hands lines on and shows how far it is."""

    def __init__(self, writer: ArchiveWriter, what: str, of: int, progress: Progress) -> None:
        self._writer, self._what, self._of, self._progress = writer, what, of, progress

    def write(self, lines: bytes) -> None:
        """The driver calls it for each row."""
        self._writer.write(lines)
        done = self._writer.rows[self._what]
        if done % SHOW_EVERY == 0 or done == self._of:
            self._progress(done, self._of, self._what)
