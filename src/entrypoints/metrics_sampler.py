"""Brings a worker's metrics up to date while nobody asks it: another worker may be asked."""

import logging
import time
from threading import Thread

from entrypoints.container import Container

SAMPLE_SECONDS = 1.0
log = logging.getLogger(__name__)


def sample_in_thread(container: Container) -> None:
    """As long as the process lives."""
    exposition = container.exposition()

    def sample_forever() -> None:
        while True:
            time.sleep(SAMPLE_SECONDS)
            try:
                exposition.sample()
            except Exception:
                log.exception("metrics could not be sampled")

    Thread(target=sample_forever, name="metrics", daemon=True).start()
