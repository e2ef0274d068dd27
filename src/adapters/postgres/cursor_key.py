"""The key under which cursors are authenticated, the same for all that serve one database."""

import sqlalchemy as sa

from adapters.postgres.reader import Reader
from adapters.postgres.secret_tables import service_secret

KEY = sa.select(service_secret.c.value).where(service_secret.c.name == "cursors")


class PostgresCursorKey:
    """Asks the database once; Unavailable when it cannot be asked now."""

    def __init__(self, engine: sa.Engine) -> None:
        self._rows = Reader(engine).rows
        self._key: bytes | None = None

    def __call__(self) -> bytes:
        if self._key is None:
            ((value,),) = self._rows(KEY)
            self._key = bytes(value)
        return self._key
