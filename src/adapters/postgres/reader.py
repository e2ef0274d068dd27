"""Reads with a connection of the pool, in the service's words when there is none to be had."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import psycopg2
import sqlalchemy as sa

from adapters.postgres.errors import is_passing
from domain.errors import Unavailable
from service_layer.waiting import IN_THREADS, Waiting

Row = sa.Row[Any]


class Reader:
    """Each statement is its own read-only transaction."""

    def __init__(self, engine: sa.Engine, waiting: Waiting = IN_THREADS) -> None:
        self._engine = engine
        self._do = waiting.do

    def rows(self, query: sa.Executable, **values: Any) -> Sequence[Row]:
        """All rows; Unavailable when the same query may succeed later."""
        return self._do(partial(self._rows, query, values))

    def _rows(self, query: sa.Executable, values: dict[str, Any]) -> Sequence[Row]:
        try:
            return self._read_with_a_live_connection(query, values)
        except sa.exc.TimeoutError as error:
            raise Unavailable("All connections for reading are busy.") from error
        except sa.exc.DBAPIError as error:
            if isinstance(error.orig, psycopg2.Error) and is_passing(error.orig):
                raise Unavailable("The database cannot be reached or is too busy.") from error
            raise

    def _read_with_a_live_connection(
        self, query: sa.Executable, values: dict[str, Any]
    ) -> Sequence[Row]:
        """A connection may have died in the pool; when it has, the pool throws all away."""
        try:
            return self._read(query, values)
        except sa.exc.DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return self._read(query, values)

    def _read(self, query: sa.Executable, values: dict[str, Any]) -> Sequence[Row]:
        with self._engine.connect() as connection:
            return connection.execute(query, values).all()
