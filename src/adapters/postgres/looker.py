"""Prepared look-ups, waited for as the driver waits."""

from typing import Any

import psycopg2
import sqlalchemy as sa

from adapters.postgres.engine import connection_of, forget
from adapters.postgres.errors import is_lost, is_passing
from adapters.postgres.prepared import Prepared
from domain.errors import Unavailable
from service_layer.waiting import IN_THREADS, Waiting


class Looker:
    """Its engine must have a connection for each greenlet that asks at once; threads may wait for one."""

    def __init__(self, engine: sa.Engine, waiting: Waiting = IN_THREADS) -> None:
        self._engine = engine
        self._waiting = waiting

    def rows(self, prepared: Prepared, *values: Any) -> list[Any]:
        """All rows; Unavailable when the same query may succeed later."""
        try:
            try:
                return self._rows(prepared, values)
            except psycopg2.Error as error:
                if not is_lost(error):
                    raise
                return self._rows(prepared, values)
        except sa.exc.TimeoutError as error:
            raise Unavailable("All connections for reading are busy.") from error
        except psycopg2.Error as error:
            if is_passing(error):
                raise Unavailable("The database cannot be reached or is too busy.") from error
            raise

    def _rows(self, prepared: Prepared, values: tuple[Any, ...]) -> list[Any]:
        """On the driver's own cursor: what SQLAlchemy does around it takes twice as long as the database."""
        connection = connection_of(self._engine, self._waiting)
        try:
            cursor = connection.cursor()
            if prepared.name not in connection.info:
                cursor.execute(prepared.prepare)
                connection.info[prepared.name] = True
            cursor.execute(prepared.execute, values)
            return prepared.rows(cursor.fetchall())
        except psycopg2.Error as error:
            if is_lost(error):
                forget(connection, self._engine)
            raise
        finally:
            connection.close()
