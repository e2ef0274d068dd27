"""Bring a database to the newest revision of the schema, while an older version may serve."""

import logging
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg2 import errorcodes
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.compatibility import note_who_may_serve, serves_us
from adapters.postgres.errors import first_line
from adapters.postgres.service_role import create_role, grant
from adapters.postgres.tables import currency, wallet
from domain.money import Currency
from domain.wallet import system_wallet_ids
from service_layer.audit import OperatorError

ADVISORY_LOCK = 7_305_803_915_410_001
# Payments queue behind whoever waits for a table: so it waits shorter than they do, and tries again.
PATIENCE = "SET lock_timeout = '1s'"
PAUSE_SECONDS = 1
ATTEMPTS_MAX = 30
ME = sa.text("SELECT current_user")
logger = logging.getLogger(__name__)


def migrations_folder() -> Path:
    """Beside src in a checkout, under sys.prefix in an installed wheel."""
    beside_src = Path(__file__).parents[3] / "migrations"
    installed = Path(sys.prefix) / "share" / "payments" / "migrations"
    return beside_src if beside_src.is_dir() else installed


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRole:
    """Who serves when the owner of the tables does not; made with the password when it is not there."""

    name: str
    password: str | None = field(default=None, repr=False)


def migrate(
    engine: sa.Engine, currencies: Iterable[Currency], service: ServiceRole | None = None
) -> None:
    """Upgrade to the newest revision, enable the currencies, give the service's role its rights.

    Processes that start together do it one after another. OperatorError: the database cannot
    be reached, or cannot hold every text.
    """
    try:
        _check_encoding(engine)
        _upgrade(engine)
        with engine.begin() as connection:
            enable(connection, currencies)
        _let_serve(engine, service)
    except (sa.exc.DBAPIError, sa.exc.ArgumentError) as error:
        raise _explained(error) from error
    except CommandError as error:
        raise OperatorError(
            f"The database's schema is not one of this version's: {error}"
        ) from error


def _check_encoding(engine: sa.Engine) -> None:
    """Refuse a database that cannot hold every text: OperatorError."""
    with engine.connect() as connection:
        encoding = connection.execute(sa.text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise OperatorError(f"The database's encoding is {encoding}; it must be made with UTF8.")


def _upgrade(engine: sa.Engine) -> None:
    with _alone(engine) as connection:
        if serves_us(connection, newest_revision(connection)):
            logger.info("the database's schema is of a later version, which lets this one serve")
            return
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                connection.execute(sa.text(PATIENCE))
                connection.commit()
                command.upgrade(alembic_config(connection), "head")
                note_who_may_serve(connection)
                connection.commit()
                return
            except sa.exc.OperationalError as error:
                connection.rollback()
                if attempt == ATTEMPTS_MAX or not _waits_for_lock(error):
                    raise
                logger.info("migrating waits for a lock, and lets payments pass in between")
                time.sleep(PAUSE_SECONDS)


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Keeps other processes that migrate waiting."""
    with engine.connect() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock(ADVISORY_LOCK)))
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(sa.select(sa.func.pg_advisory_unlock(ADVISORY_LOCK)))
            connection.commit()


def _waits_for_lock(error: sa.exc.OperationalError) -> bool:
    return getattr(error.orig, "pgcode", None) == errorcodes.LOCK_NOT_AVAILABLE


def _let_serve(engine: sa.Engine, service: ServiceRole | None) -> None:
    """The rights are those of this version; a later one may have given others, which stay."""
    if service is None:
        return
    with _alone(engine) as connection:
        if (
            serves_us(connection, newest_revision(connection))
            or connection.scalar(ME) == service.name
        ):
            return
        create_role(connection, service.name, service.password)
        grant(connection, service.name)
        connection.commit()


def newest_revision(connection: sa.Connection) -> str:
    """The newest that this code knows."""
    head = ScriptDirectory.from_config(alembic_config(connection)).get_current_head()
    return head or ""


def is_current(connection: sa.Connection) -> bool:
    """Whether the database has the newest revision."""
    script = ScriptDirectory.from_config(alembic_config(connection))
    found = MigrationContext.configure(connection).get_current_heads()
    return set(found) == set(script.get_heads())


def found_revision(connection: sa.Connection) -> str:
    """The revision that the database has; empty where there is no schema yet."""
    return ",".join(MigrationContext.configure(connection).get_current_heads())


def is_blank(engine: sa.Engine) -> bool:
    """Whether the database has no schema yet; OperatorError when it cannot be reached."""
    try:
        with engine.connect() as connection:
            return not found_revision(connection)
    except sa.exc.DBAPIError as error:
        raise _explained(error) from error


def require_current(engine: sa.Engine) -> None:
    """OperatorError unless the database can be reached and has the newest revision."""
    try:
        with engine.connect() as connection:
            current = is_current(connection)
    except sa.exc.DBAPIError as error:
        raise _explained(error) from error
    if not current:
        raise OperatorError("The database's schema is not current: run payments migrate.")


def _explained(error: sa.exc.SQLAlchemyError) -> OperatorError:
    """In the first line of the driver's words: the others are details or hints."""
    said = getattr(error, "orig", None) or error
    hint = ""
    if getattr(said, "pgcode", None) == errorcodes.INSUFFICIENT_PRIVILEGE:
        hint = " (run payments migrate with the owner of the tables in PAYMENTS_MIGRATION_URL)"
    return OperatorError(f"The database says: {first_line(said)}{hint}")


def alembic_config(connection: sa.Connection) -> Config:
    """Alembic's settings for one connection."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def enable(connection: sa.Connection, currencies: Iterable[Currency]) -> None:
    """See to it that each currency has its row and its system wallets; who only serves need not."""
    for each in currencies:
        if _is_enabled(connection, each):
            continue
        row = {"code": each.code, "exponent": each.exponent}
        connection.execute(insert(currency).values(row).on_conflict_do_nothing())
        new = {"currency": each.code, "created_at": sa.func.now(), "updated_at": sa.func.now()}
        rows = [{"id": id, **new} for id in system_wallet_ids(each.code)]
        connection.execute(insert(wallet).values(rows).on_conflict_do_nothing())


def _is_enabled(connection: sa.Connection, each: Currency) -> bool:
    ids = system_wallet_ids(each.code)
    known = sa.select(sa.exists().where(currency.c.code == each.code))
    there = sa.select(sa.func.count()).select_from(wallet).where(wallet.c.id.in_(ids))
    return bool(connection.scalar(known)) and connection.scalar(there) == len(ids)


def reasons_not_ready(engine: sa.Engine) -> list[str]:
    """Plain sentences that say why this database cannot serve; none when it can."""
    try:
        with engine.connect() as connection:
            current = is_current(connection) or serves_us(connection, newest_revision(connection))
    except sa.exc.SQLAlchemyError as error:
        return [f"The database cannot be reached ({type(error).__name__})."]
    return [] if current else ["The database's migrations are not current: run payments migrate."]
