"""Where a command writes a file: to stdout, or into a file that is there whole or not at all."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from service_layer.audit import OperatorError


@contextmanager
def output(path: Path | None) -> Iterator[BinaryIO]:
    """A file to write into; OperatorError when it cannot be written."""
    try:
        with _opened(path) as file:
            yield file
            file.flush()
    except BrokenPipeError:
        raise  # whoever read has seen enough
    except OSError as error:
        where = path or "to stdout"
        raise OperatorError(f"Cannot write {where}: {error.strerror or error}.") from error


@contextmanager
def _opened(path: Path | None) -> Iterator[BinaryIO]:
    if path is None:
        yield sys.stdout.buffer
    elif path.exists() and not path.is_file():  # a pipe, a device
        with path.open("wb") as file:
            yield file
    else:
        with _whole(path.resolve()) as file:
            yield file


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name when the block ends well, else nothing is left of it."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        _sync_folder(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """So that a power cut does not take the new name away again."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
