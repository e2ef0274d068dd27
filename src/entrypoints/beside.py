"""The processes that work beside a server, each on its own, as long as it serves."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from entrypoints.config import Settings
from entrypoints.keeper import Keeper, keep_forks_apart

SEALER = "entrypoints.seal_loop"
WORKER = "entrypoints.worker"


@contextmanager
def processes_beside(settings: Settings) -> Iterator[None]:
    """Those that the settings ask for, while the block runs; one that ends is started again."""
    wanted = {SEALER: settings.seal_seconds > 0, WORKER: settings.webhook_worker}
    keepers = [_keeper(module) for module, is_wanted in wanted.items() if is_wanted]
    keep_forks_apart()  # the server forks its workers
    for keeper in keepers:
        keeper.start()
    try:
        yield
    finally:
        for keeper in keepers:
            keeper.tell()  # all first, so that nobody waits for another
        for keeper in keepers:
            keeper.stop()


def _keeper(module: str) -> Keeper:
    """The process reads its settings from the environment: each time from that of now."""
    return Keeper(
        name=module,
        command=[sys.executable, "-m", module, str(os.getpid())],
        environment=dict(os.environ),
    )
