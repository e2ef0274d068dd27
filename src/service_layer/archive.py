"""The port through which a whole ledger leaves a database, or comes into one."""

from typing import BinaryIO, Protocol

from domain.integrity import Report
from service_layer.archive_file import Target
from service_layer.audit import Progress, silent


class Archive(Protocol):
    """Everything that the books consist of, keys with their outcomes and seals included."""

    def save(self, target: Target, progress: Progress = silent) -> None:
        """Write the ledger as it is at one moment, while payments go on."""

    def load(self, file: BinaryIO, progress: Progress = silent) -> Report:
        """Put a checked file into an empty database and audit the books: all of it, or nothing.

        OperatorError when the database is not empty or has another schema, or the books do not add up.
        """
