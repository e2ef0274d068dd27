"""Temporary folders that an unprivileged PostgreSQL can reach and whose paths are short."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A new folder that others may pass through (pytest's tmp_path is closed to them); then gone."""
    folder = Path(tempfile.mkdtemp(prefix="pay"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
