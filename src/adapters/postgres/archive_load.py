"""Loads a whole ledger into an empty database: in one database transaction, audited before its COMMIT."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, BinaryIO

import psycopg2
import sqlalchemy as sa

from adapters.postgres.archive_contents import exported_columns, exported_tables, quoted, rows_kept
from adapters.postgres.archive_rows import CopySource, parsed
from adapters.postgres.auditor import check_books
from adapters.postgres.migrate import enable, found_revision
from adapters.postgres.operator import for_operator
from adapters.postgres.tables import currency
from domain.integrity import Finding, Report
from domain.money import Currency
from service_layer.archive_file import ArchiveReader, ArchiveRefused, check_archive
from service_layer.audit import OperatorError, Progress

ALONE = """
SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE;
SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO';
SELECT set_config('synchronous_commit', 'on', true)
WHERE current_setting('synchronous_commit') = 'off'
"""
COPY = "COPY {} ({}) FROM STDIN"
COPY_BYTES = 1 << 18
SHOW_EVERY = 1_000
FINDINGS_SHOWN_MAX = 20
Rows = Iterator[tuple[str, bytes]]


def load(engine: sa.Engine, file: BinaryIO, progress: Progress) -> Report:
    """All triggers stay on; what any of them, or the audit, refuses leaves nothing behind."""
    with for_operator(), engine.connect() as connection:
        connection.execute(sa.text(ALONE))
        reader = _fitting_reader(connection, file, progress)
        _keep_others_out(connection)
        _check_empty(connection)
        for name, rows in groupby(reader.rows(), key=itemgetter(0)):
            _load_table(connection, name, map(itemgetter(1), rows))
        _move_sequences_on(connection)
        connection.execute(sa.text("ANALYZE"))
        report = check_books(connection, quick=False, progress=progress)
        if report.findings:
            raise OperatorError(_told(report.findings))
        connection.commit()
        return report


def _told(findings: Sequence[Finding]) -> str:
    shown = [finding.sentence for finding in findings[:FINDINGS_SHOWN_MAX]]
    more = len(findings) - len(shown)
    told = ["The books in the file do not add up, nothing was imported:", *shown]
    return "\n  ".join([*told, f"and {more} more."] if more else told)


def _fitting_reader(
    connection: sa.Connection, file: BinaryIO, progress: Progress
) -> "_ShownReader":
    """Reads the rows, once it is known that all of them are whole, of this schema, and of these tables."""
    file.seek(0)
    checked = check_archive(file)
    here, there = found_revision(connection), checked.header.schema
    if here != there:
        raise ArchiveRefused(
            f"The file was written at schema {there}, this database is at {here}:"
            " export again with this version, after payments migrate there."
        )
    if set(checked.counts) != {table.name for table in exported_tables()}:
        raise ArchiveRefused("The file has other tables than this version.")
    file.seek(0)
    return _ShownReader(file, checked.counts, progress)


class _ShownReader:
    """Reads a file again, shows how far it is."""

    def __init__(self, file: BinaryIO, counts: dict[str, int], progress: Progress) -> None:
        self._reader, self._counts, self._progress = ArchiveReader(file), counts, progress

    def rows(self) -> Rows:
        done = 0
        for name, row in self._reader.rows():
            done = 1 if self._reader.counts[name] == 1 else done + 1
            if done % SHOW_EVERY == 0 or done == self._counts.get(name):
                self._progress(done, self._counts.get(name, done), name)
            yield name, row


def _keep_others_out(connection: sa.Connection) -> None:
    """Whoever would write waits; a second import finds afterwards that the database is not empty."""
    names = ", ".join(quoted(table.name) for table in exported_tables())
    connection.execute(sa.text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))


def _check_empty(connection: sa.Connection) -> None:
    """There may be what the migration makes: currencies with their external wallets."""
    for table in exported_tables():
        if table is currency:
            continue
        query = f"SELECT EXISTS (SELECT FROM {quoted(table.name)} WHERE {rows_kept(table)})"
        if connection.execute(sa.text(query)).scalar_one():
            raise OperatorError(
                f"The database is not empty (there are rows in {table.name}):"
                " a ledger is only imported into an empty one."
            )


def _load_table(connection: sa.Connection, name: str, rows: Iterable[bytes]) -> None:
    table = next(each for each in exported_tables() if each.name == name)
    if table is currency:
        _load_currencies(connection, rows)
        return
    columns = [column.name for column in exported_columns(table)]
    source = CopySource(rows, columns)
    cursor: Any = connection.connection.cursor()
    copy = COPY.format(quoted(name), ", ".join(map(quoted, columns)))
    try:
        cursor.copy_expert(copy, source, size=COPY_BYTES)
    except psycopg2.Error:
        if source.failed is not None:
            raise source.failed from None
        raise


def _load_currencies(connection: sa.Connection, rows: Iterable[bytes]) -> None:
    """Those that are here already must be the same; each gets its external wallet."""
    wanted = [Currency(**parsed(row)) for row in rows]
    enable(connection, wanted)
    exponents = {row.code: row.exponent for row in connection.execute(sa.select(currency))}
    for each in wanted:
        if exponents[each.code] != each.exponent:
            raise ArchiveRefused(
                f"In the file {each.code} has {each.exponent} decimals,"
                f" in this database {exponents[each.code]}."
            )


def _move_sequences_on(connection: sa.Connection) -> None:
    """What numbers its rows itself goes on after those that came with their numbers."""
    for table in exported_tables():
        for column in (each for each in table.columns if each.identity is not None):
            connection.execute(
                sa.text(
                    f"SELECT setval(pg_get_serial_sequence(:table, :column),"
                    f" (SELECT coalesce(max({quoted(column.name)}), 0) + 1"
                    f" FROM {quoted(table.name)}), false)"
                ),
                {"table": quoted(table.name), "column": column.name},
            )
