"""The folder through which workers share their metrics, empty when they start."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entrypoints.config import Settings
from service_layer.audit import OperatorError

# What workers leave, and nothing else: somebody may have named a folder with databases of his own.
PATTERNS = tuple(f"{kind}_*.db" for kind in ("counter", "gauge", "histogram", "summary")) + tuple(
    f"{state}_[0-9]*" for state in ("alive", "new")
)


@contextmanager
def metrics_folder(settings: Settings) -> Iterator[Path]:
    """The one of the settings, else a temporary one that goes away at the end; OperatorError."""
    if settings.metrics_dir is None:
        with tempfile.TemporaryDirectory(prefix="payments-metrics-") as folder:
            yield Path(folder)
        return
    try:
        settings.metrics_dir.mkdir(parents=True, exist_ok=True)
        for pattern in PATTERNS:
            for left in settings.metrics_dir.glob(pattern):
                left.unlink()
    except OSError as error:
        raise OperatorError(
            f"Metrics cannot be kept in {settings.metrics_dir} ({error.strerror}):"
            " choose another PAYMENTS_METRICS_DIR."
        ) from error
    yield settings.metrics_dir
