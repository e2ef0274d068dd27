"""The error of the embedded PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service_layer.audit import OperatorError


class EmbeddedPostgresError(OperatorError):
    """The embedded PostgreSQL cannot be used; the message says why and names the remedy."""


@contextmanager
def os_errors_explained(data_dir: Path) -> Iterator[None]:
    """Turn what the operating system refuses into an EmbeddedPostgresError."""
    try:
        yield
    except OSError as error:
        raise EmbeddedPostgresError(
            f"the data directory {data_dir} cannot be used: {error}. "
            "Mend it, or choose another with PAYMENTS_DATA_DIR."
        ) from error
