"""Gives the role that serves its rights, which are those of `privileges` exactly."""

from collections.abc import Iterable

import sqlalchemy as sa
from psycopg2.extensions import encrypt_password

from adapters.postgres.privileges import OF_SERVICE

ROLE_EXISTS = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)")
OWNS = sa.text(
    "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace"
    " AND c.relkind IN ('r', 'p') AND pg_has_role(:role, c.relowner, 'USAGE') ORDER BY 1"
)
# What it may do in fact, through whichever membership or grant to all.
HELD = sa.text("""
    SELECT c.relname, p.privilege
    FROM pg_class c
    CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES',
                            'TRIGGER']) AS p (privilege)
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
      AND has_table_privilege(:role, c.oid, p.privilege)
    UNION ALL
    SELECT c.relname, format('UPDATE (%s)', a.attname)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
      AND a.attnum > 0 AND NOT a.attisdropped
      AND has_column_privilege(:role, c.oid, a.attnum, 'UPDATE')
""")
SCHEMA = sa.text(
    "SELECT has_schema_privilege(:role, current_schema(), 'USAGE'),"
    " has_schema_privilege(:role, current_schema(), 'CREATE'), current_schema()"
)


def create_role(connection: sa.Connection, role: str, password: str | None) -> None:
    """Make the role when there is none; the server is only told a hash of its password."""
    if connection.execute(ROLE_EXISTS, {"role": role}).scalar_one():
        return
    secret = ""
    if password is not None:
        driver = connection.connection.driver_connection
        hashed = encrypt_password(password, role, scope=driver, algorithm="scram-sha-256")
        secret = f" PASSWORD '{hashed}'"
    connection.exec_driver_sql(f"CREATE ROLE {_quoted(role)} LOGIN{secret}")


def owned_by(connection: sa.Connection, role: str) -> list[str]:
    """The tables that are its own, or of a role that it belongs to."""
    return list(connection.execute(OWNS, {"role": role}).scalars())


def differences(connection: sa.Connection, role: str) -> list[str]:
    """What the role may do too much or too little, each as a sentence; none when all is as declared."""
    held = privileges_of(connection, role)
    usage, create, schema = connection.execute(SCHEMA, {"role": role}).one()
    found = [f"{role} may create tables in schema {schema}."] if create else []
    found += [] if usage else [f"{role} may not use schema {schema}."]
    for table, has in sorted(held.items()):
        should = OF_SERVICE[table].privileges if table in OF_SERVICE else frozenset[str]()
        found += [f"{role} may {each} on {table}." for each in sorted(has - should)]
        found += [f"{role} may not {each} on {table}." for each in sorted(should - has)]
    return found


def privileges_of(connection: sa.Connection, role: str) -> dict[str, set[str]]:
    """What the role may do to each table that is there."""
    tables = sa.text(
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
        " AND relkind IN ('r', 'p')"
    )
    found: dict[str, set[str]] = {name: set() for name in connection.execute(tables).scalars()}
    for table, privilege in connection.execute(HELD, {"role": role}):
        found[table].add(privilege)
    return found


def grant(connection: sa.Connection, role: str) -> None:
    """Give the role what is declared, take from it what is not; nothing is done when all is right."""
    if not differences(connection, role):
        return
    schema = connection.execute(sa.text("SELECT current_schema()")).scalar_one()
    for statement in _statements(role, schema, privileges_of(connection, role)):
        connection.exec_driver_sql(statement)


def _statements(role: str, schema: str, tables: Iterable[str]) -> list[str]:
    name, room = _quoted(role), _quoted(schema)
    made = [
        f"GRANT USAGE ON SCHEMA {room} TO {name}",
        f"REVOKE CREATE ON SCHEMA {room} FROM {name}",
    ]
    for table in sorted(tables):
        made.append(f"REVOKE ALL ON TABLE {room}.{_quoted(table)} FROM {name}")
        if table in OF_SERVICE:
            granted = ", ".join(sorted(OF_SERVICE[table].privileges))
            made.append(f"GRANT {granted} ON TABLE {room}.{_quoted(table)} TO {name}")
    return made


def _quoted(role: str) -> str:
    return '"' + role.replace('"', '""') + '"'
