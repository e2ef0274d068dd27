"""The processes that work beside a server, each on its own, as long as it serves."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from entrypoints.config import Settings

END_SECONDS_MAX = 20
SEALER = "entrypoints.seal_loop"
WORKER = "entrypoints.worker"


@contextmanager
def processes_beside(settings: Settings) -> Iterator[None]:
    """Those that the settings ask for, while the block runs."""
    with ExitStack() as stack:
        if settings.seal_seconds:
            stack.enter_context(_process(SEALER))
        if settings.webhook_worker:
            stack.enter_context(_process(WORKER))
        yield


@contextmanager
def _process(module: str) -> Iterator[None]:
    """It reads its settings from the environment."""
    with subprocess.Popen([sys.executable, "-m", module]) as process:
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(END_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
