"""The archive of a ledger in PostgreSQL."""

from typing import BinaryIO

import sqlalchemy as sa

from adapters.postgres.archive_load import load
from adapters.postgres.archive_save import save
from domain.integrity import Report
from service_layer.archive_file import Target
from service_layer.audit import Progress, silent


class PostgresArchive:
    """Needs a connection of its own for as long as it takes."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def save(self, target: Target, progress: Progress = silent) -> None:
        save(self._engine, target, progress)

    def load(self, file: BinaryIO, progress: Progress = silent) -> Report:
        return load(self._engine, file, progress)
