"""Keeps what verifications have found."""

import sqlalchemy as sa

from adapters.postgres.log_tables import verification
from adapters.postgres.operator import for_operator
from adapters.postgres.reader import Reader
from service_layer.verification import Verification

COLUMNS = [column for column in verification.c if column.name != "id"]
LAST = sa.select(*COLUMNS).order_by(verification.c.id.desc()).limit(1)


class PostgresVerifications:
    """Written by `payments verify`, read by whoever asks."""

    def __init__(self, engine: sa.Engine, reading_engine: sa.Engine) -> None:
        self._engine = engine
        self._rows = Reader(reading_engine).rows

    def record(self, found: Verification) -> None:
        row = {column.name: getattr(found, column.name) for column in COLUMNS}
        with for_operator(), self._engine.begin() as connection:
            connection.execute(sa.insert(verification).values(row))

    def last(self) -> Verification | None:
        rows = self._rows(LAST)
        return Verification(**rows[0]._mapping) if rows else None
