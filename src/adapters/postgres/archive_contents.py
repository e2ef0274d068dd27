"""Which tables an export has, in an order in which their rows can be inserted.

It has every table that the code knows, with every column, but for what is named here with the reason. Values
are text as PostgreSQL has it (numbers, true, false or null as JSON has them): kept JSON comes back as it was.
"""

from collections.abc import Mapping
from graphlib import TopologicalSorter
from importlib import import_module
from pkgutil import iter_modules

import sqlalchemy as sa

import adapters.postgres
from adapters.postgres.tables import metadata

LEFT_OUT = {
    "sequencer": "what it has seen means nothing on another server: its first pass there looks anew",
    "service_secret": "each database has its own",
    "webhook_endpoint": "its secrets are in the clear, and two servers would send the same",
    "webhook_progress": "it is of an endpoint",
    "webhook_delivery": "it is of an endpoint",
    "webhook_attempt": "it is of an endpoint",
}
COLUMNS_LEFT_OUT = {
    "transaction.written_in": "the id of a database transaction means nothing on another server",
    "audit_entry.written_in": "the id of a database transaction means nothing on another server",
}
# A row is in the export where this is true.
ROWS_KEPT = {
    "wallet": "account_id IS NOT NULL",  # a currency's system wallets follow from the currency
}
# What the trigger on it asks for, where there is no foreign key.
AFTER = {"posting": ("transaction", "wallet")}
# Its triggers ask for holds or the like: it comes after all that does not name it.
AFTER_ALL_ELSE = "transaction"

RFC_3339 = """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""


def all_tables() -> Mapping[str, sa.Table]:
    """Whichever file has them: its name ends in `tables`."""
    for module in iter_modules(adapters.postgres.__path__, "adapters.postgres."):
        if module.name.endswith("tables"):
            import_module(module.name)
    return metadata.tables


def exported_tables() -> list[sa.Table]:
    """In an order in which their rows can be inserted, the same each time."""
    tables = all_tables()
    names = sorted(tables)
    parents = {name: {*_named_by(tables[name]), *AFTER.get(name, ())} for name in names}
    followers = _followers(AFTER_ALL_ELSE, parents)
    parents[AFTER_ALL_ELSE] |= {name for name in names if name not in followers}
    order = TopologicalSorter({name: sorted(parents[name]) for name in names}).static_order()
    return [tables[name] for name in order if name not in LEFT_OUT]


def _followers(name: str, parents: Mapping[str, set[str]]) -> set[str]:
    """The table with all that must come after it."""
    found = {name}
    while new := {each for each in parents if parents[each] & found} - found:
        found |= new
    return found


def exported_columns(table: sa.Table) -> list[sa.Column[object]]:
    """In the order of the table."""
    return [
        column
        for column in table.columns
        if column.computed is None and f"{table.name}.{column.name}" not in COLUMNS_LEFT_OUT
    ]


def export_query(table: sa.Table) -> str:
    """Its rows as lines of an archive, in the order of the primary key, alike on every server."""
    columns = ", ".join(
        f"{_text_of(column)} AS {quoted(column.name)}" for column in exported_columns(table)
    )
    order = ", ".join(
        f"{quoted(column.name)}{_collation(column)}" for column in table.primary_key.columns
    )
    return (
        f"""SELECT '{{"table":"{table.name}","row":' || row_to_json(r)::text || '}}'"""
        f" FROM (SELECT {columns} FROM {quoted(table.name)} AS it"
        f" WHERE {rows_kept(table)} ORDER BY {order}) AS r"
    )


def rows_kept(table: sa.Table) -> str:
    """The condition for a row to be in the export."""
    return ROWS_KEPT.get(table.name, "true")


def quoted(name: str) -> str:
    """A name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def _named_by(table: sa.Table) -> list[str]:
    named = {key.column.table.name for key in table.foreign_keys}
    return sorted(named - {table.name})


def _text_of(column: sa.Column[object]) -> str:
    name = f"it.{quoted(column.name)}"
    if isinstance(column.type, sa.Integer | sa.Boolean):
        return name
    if isinstance(column.type, sa.DateTime):
        return f"to_char({name} AT TIME ZONE 'UTC', {RFC_3339})"
    return f"{name}::text"


def _collation(column: sa.Column[object]) -> str:
    return ' COLLATE "C"' if isinstance(column.type, sa.Text) else ""
