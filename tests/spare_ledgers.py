"""Databases of tests that are over are made again what their template is: a new copy takes much longer."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import psycopg2
import psycopg2.extensions
from psycopg2 import sql

SPARE_MIN = 2
SPARE_MAX = 4
RELATION_BYTES_MAX = 64 * 1024

# Whatever changes the schema writes a row of one of these, with the id of its own database transaction.
CATALOGUES = (
    "pg_attrdef",
    "pg_attribute",
    "pg_class",
    "pg_constraint",
    "pg_default_acl",
    "pg_event_trigger",
    "pg_extension",
    "pg_index",
    "pg_namespace",
    "pg_policy",
    "pg_proc",
    "pg_rewrite",
    "pg_statistic_ext",
    "pg_trigger",
    "pg_type",
)
# What ANALYZE and VACUUM know of the tables is no change of the schema, but it changes plans.
SHAPE = (
    "SELECT "
    + ", ".join(
        f"(SELECT (count(*), max(xmin::text::bigint))::text FROM pg_catalog.{each})"
        for each in CATALOGUES
    )
    + ", (SELECT (sum(relpages), sum(reltuples))::text FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace)"
    ", (SELECT (datdba, datacl, datconnlimit, datallowconn)::text FROM pg_database"
    " WHERE datname = current_database())"
    ", (SELECT count(*)::text FROM pg_db_role_setting, pg_database"
    " WHERE setdatabase = pg_database.oid AND datname = current_database())"
)
TABLES = (
    "SELECT relname, pg_relation_size(oid), pg_total_relation_size(oid) FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
)
SEQUENCES = (
    "SELECT schemaname || '.' || sequencename, coalesce(last_value, start_value),"
    " last_value IS NOT NULL FROM pg_sequences"
)

Connection = psycopg2.extensions.connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What a database that was copied and never used has in it."""

    shape: tuple[object, ...]
    rows: dict[str, bytes]
    sequences: tuple[tuple[object, ...], ...]


def template_of(connection: Connection) -> Template:
    """Look at a copy before it is used."""
    with connection.cursor() as cursor:
        cursor.execute(SHAPE)
        shape = cursor.fetchone() or ()
        rows = {name: _rows(cursor, name) for name, size, _total in _tables(cursor) if size}
        cursor.execute(SEQUENCES)
        return Template(shape=shape, rows=rows, sequences=tuple(cursor.fetchall()))


def restored(connection: Connection, template: Template) -> bool:
    """Whether the database is as its template again: not when its schema or its size has changed."""
    with connection.cursor() as cursor:
        cursor.execute(SHAPE)
        tables = _tables(cursor) if cursor.fetchone() == template.shape else []
        if not tables or any(total > 8 * RELATION_BYTES_MAX for *_, total in tables):
            return False
        _put_back(cursor, [name for name, size, _total in tables if size], template)
    connection.commit()
    return True


def _put_back(cursor: psycopg2.extensions.cursor, used: list[str], template: Template) -> None:
    """As a replica does it: without the triggers that forbid just that."""
    statements = [sql.SQL("SET LOCAL session_replication_role = replica")]
    statements += [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in used]
    cursor.execute(sql.SQL(";").join(statements))
    for name, rows in template.rows.items():
        copy = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))
        cursor.copy_expert(copy, BytesIO(rows))
    for sequence in template.sequences:
        cursor.execute("SELECT setval(%s, %s, %s)", sequence)


def _tables(cursor: psycopg2.extensions.cursor) -> list[tuple[str, int, int]]:
    cursor.execute(TABLES)
    return cursor.fetchall()


def _rows(cursor: psycopg2.extensions.cursor, table: str) -> bytes:
    rows = BytesIO()
    cursor.copy_expert(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table)), rows)
    return rows.getvalue()
