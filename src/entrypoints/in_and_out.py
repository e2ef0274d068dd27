"""The books leave as a file, or come in from one."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from domain.errors import NotNow
from domain.integrity import Report
from entrypoints.config import Settings
from entrypoints.container import Container
from entrypoints.demo.fill import fill, told
from entrypoints.formats import FORMATS
from entrypoints.operations import on_database, on_existing_data
from entrypoints.output import output
from service_layer.archive_file import check_archive
from service_layer.audit import OperatorError, Progress, silent

NDJSON = "ndjson"
FORMAT_NAMES = (NDJSON, *FORMATS)


def export(
    settings: Settings, format: str, path: Path | None = None, progress: Progress = silent
) -> None:
    """Write all books as they are at one moment, in one of FORMAT_NAMES, to `path` or stdout."""
    with on_existing_data(settings) as container, output(path) as file:
        if format == NDJSON:
            container.archive().save(file, progress)
            return
        with container.ledger_lines()() as ledger:
            for line in FORMATS[format](ledger, progress):
                file.write(line.encode() + b"\n")


def import_books(settings: Settings, file: BinaryIO, progress: Progress = silent) -> Report:
    """Put an ndjson export into an empty database, which is made and migrated where there is none.

    OperatorError: the file is not as it was written, or does not fit; then nothing was changed.
    """
    with _seekable(file) as whole:
        check_archive(whole)
        with on_fresh_database(settings) as container:
            report: Report = container.archive().load(whole, progress)
            return report


def demo(
    settings: Settings, *, seed: int, weeks: int, anyway: bool, progress: Progress = silent
) -> list[str]:
    """Fill books with a marketplace, in a database that is made where there is none; tells about it."""
    with on_fresh_database(settings) as container:
        try:
            world = fill(container, seed=seed, weeks=weeks, anyway=anyway, progress=progress)
        except NotNow as error:
            raise OperatorError(error.detail) from error
        return list(told(world))


@contextmanager
def on_fresh_database(settings: Settings) -> Iterator[Container]:
    """A container on a database of the newest schema; one without any schema gets it."""
    if settings.memory:
        raise OperatorError("PAYMENTS_MEMORY is set: books in memory end with their server.")
    with on_database(settings) as container:
        if container.is_blank():
            container.migration()
        container.require_current()
        yield container


@contextmanager
def _seekable(file: BinaryIO) -> Iterator[BinaryIO]:
    """The same file, or a copy of what comes from a pipe: it is read twice."""
    if file.seekable():
        yield file
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(file, copy)
        copy.seek(0)
        yield copy
