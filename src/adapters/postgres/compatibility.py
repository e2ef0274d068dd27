"""Tells which versions of the code may serve on the schema that is there.

Expand, then contract: a migration lets the version before it go on. So each `payments migrate` notes the
oldest revision whose code may still serve, as the comment of alembic_version; code that does not know the
database's revision looks there.
"""

import re

import sqlalchemy as sa

# The oldest revision whose code may serve on the newest schema: raised by a migration that contracts. Older
# code pays as well (a test tries it), but its sequencer would number transactions without their events.
SERVES_SINCE = "0011"
NOTE = "code of revision {} or later may serve"
NUMBER = re.compile(r"\d{4}")
NOTED = re.compile(NOTE.format(r"(\d{4})"))

REVISION = sa.text("SELECT version_num FROM alembic_version")
READ_NOTE = sa.text("SELECT obj_description(to_regclass('alembic_version'), 'pg_class')")
EXISTS = sa.text("SELECT to_regclass('alembic_version') IS NOT NULL")


def note_who_may_serve(connection: sa.Connection) -> None:
    """Written by the owner of the tables, with the migrations."""
    note = NOTE.format(SERVES_SINCE)
    if connection.scalar(READ_NOTE) != note:
        connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS '{note}'")


def serves_us(connection: sa.Connection, newest_known: str) -> bool:
    """Whether the schema is of a later version than ours that lets our code serve."""
    if not connection.scalar(EXISTS):
        return False
    found = connection.execute(REVISION).scalars().all()
    noted = NOTED.search(connection.scalar(READ_NOTE) or "")
    later = len(found) == 1 and NUMBER.fullmatch(found[0]) and found[0] > newest_known
    return bool(later) and noted is not None and noted.group(1) <= newest_known
