"""Examines a database as the role that serves sees it; changes nothing."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from adapters.postgres.compatibility import serves_us
from adapters.postgres.errors import first_line
from adapters.postgres.log_checkup import check_log
from adapters.postgres.migrate import is_current, newest_revision
from adapters.postgres.service_role import differences, owned_by
from service_layer.checkup import Check, Checks, fail, ok, warn

MAJOR_MIN, MAJOR_MAX = 15, 18
CLOCK_SECONDS_WARN, CLOCK_SECONDS_FAIL = 1, 30
PATIENCE = sa.text("SET statement_timeout = '10s'")
CONNECTIONS = sa.text("""
    SELECT current_setting('max_connections')::int
           - current_setting('superuser_reserved_connections')::int
           - (SELECT count(*) FROM pg_stat_activity
              WHERE backend_type = 'client backend' AND application_name <> 'payments')::int
           + 1
""")
DURABLE = (("fsync", fail), ("full_page_writes", fail), ("data_checksums", warn))
SUPERUSER = sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")


def check_database(
    engine: sa.Engine, clock: Callable[[], datetime], connections_needed: int
) -> Checks:
    """Each check in turn; when the database cannot be reached, or has no tables, no more than that."""
    try:
        with engine.connect() as connection:
            connection.execute(PATIENCE)
            yield from _checks(connection, clock, connections_needed)
    except sa.exc.ProgrammingError as error:
        said = first_line(error.orig or error)
        yield fail("role", said, "run payments migrate as the owner of the tables")
    except sa.exc.DBAPIError as error:
        said = first_line(error.orig or error)
        yield fail("database", said, "see that it runs, and that DATABASE_URL is right")


def _checks(
    connection: sa.Connection, clock: Callable[[], datetime], connections_needed: int
) -> Checks:
    where = connection.engine.url
    version = connection.scalar(sa.text("SHOW server_version"))
    yield ok("database", f"{where.database} answers {where.username or 'us'}")
    yield _check_version(int(str(version).split(".")[0]), str(version))
    schema = _check_schema(connection)
    yield schema
    yield from _check_durability(connection)
    yield _check_connections(connection, connections_needed)
    yield _check_clock(connection, clock)
    if schema.level.value != "fail":
        yield _check_role(connection)
        yield from check_log(connection, clock())


def _check_version(major: int, version: str) -> Check:
    if major < MAJOR_MIN:
        return fail("version", f"PostgreSQL {version}", f"upgrade it to {MAJOR_MIN} or later")
    if major > MAJOR_MAX:
        return warn(
            "version", f"PostgreSQL {version}", f"{MAJOR_MAX} is the newest that was tested"
        )
    return ok("version", f"PostgreSQL {version}")


def _check_schema(connection: sa.Connection) -> Check:
    newest = newest_revision(connection)
    if is_current(connection):
        return ok("schema", f"revision {newest}")
    if serves_us(connection, newest):
        return warn("schema", "of a later version that lets this one serve", "update this one soon")
    return fail("schema", f"is not revision {newest}", "run payments migrate")


def _check_durability(connection: sa.Connection) -> Checks:
    off = [(name, report) for name, report in DURABLE if _setting(connection, name) == "off"]
    for name, report in off:
        yield report("durability", f"{name} is off", "a crash may damage the books: switch it on")
    if _setting(connection, "synchronous_commit") == "off":
        yield warn(
            "durability", "synchronous_commit is off", "payments switch it on for themselves alone"
        )
    elif not off:
        yield ok("durability", "commits are on disk before they are acknowledged")


def _setting(connection: sa.Connection, name: str) -> str:
    value: str = connection.execute(sa.text(f"SHOW {name}")).scalar_one()
    return value


def _check_connections(connection: sa.Connection, needed: int) -> Check:
    free: int = connection.execute(CONNECTIONS).scalar_one()
    said = f"{needed} may be needed, the server has {free} for us"
    if needed > free:
        advice = "raise max_connections, or lower PAYMENTS_WORKERS or PAYMENTS_READERS"
        return fail("connections", said, advice)
    return ok("connections", said)


def _check_clock(connection: sa.Connection, clock: Callable[[], datetime]) -> Check:
    before = clock()
    theirs: datetime = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    after = clock()
    nearest = min(max(theirs, before), after)
    apart = abs((theirs - nearest).total_seconds())
    said = f"{apart:.1f} s apart from the database's"
    if apart < CLOCK_SECONDS_WARN:
        return ok("clock", said)
    report = fail if apart >= CLOCK_SECONDS_FAIL else warn
    return report("clock", said, "let NTP set the clocks of both machines")


def _check_role(connection: sa.Connection) -> Check:
    me = str(connection.scalar(sa.text("SELECT current_user")))
    advice = (
        "serve as another role than the owner's, with PAYMENTS_MIGRATION_URL (docs/deploying.md)"
    )
    if connection.scalar(SUPERUSER):
        return warn("role", f"{me} is a superuser", advice)
    if owned := owned_by(connection, me):
        return warn("role", f"{me} owns {len(owned)} tables and could drop their defences", advice)
    found = differences(connection, me)
    if not found:
        return ok("role", f"{me} owns nothing and may do what it must, no more")
    lacking = [each for each in found if " may not " in each]
    report = fail if lacking else warn
    return report("role", (lacking or found)[0].rstrip("."), "run payments migrate as the owner")
