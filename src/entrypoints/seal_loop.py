"""Seals every few seconds beside a server, leaving the machine to the payments."""

import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Thread

from domain.errors import NotNow
from entrypoints.collector import collect_less_often
from entrypoints.config import Settings
from entrypoints.container import Container
from entrypoints.logs import configure_logs
from entrypoints.parent import end_with_parent, parent_told
from service_layer.audit import OperatorError
from service_layer.seal import Sealer

# After each block it rests so many times as long as the block took: a tenth of one processor at most.
RESTS_PER_WORK = 9
NICENESS = 19
log = logging.getLogger("entrypoints.seal_loop")  # also when it is run as a program


@dataclass(slots=True, kw_only=True)
class Pace:
    """Call it after each piece of work: it sleeps in proportion."""

    rests_per_work: float = RESTS_PER_WORK
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _since: float = field(init=False)

    def __post_init__(self) -> None:
        self._since = self.clock()

    def rest(self) -> None:
        """Sleep several times as long as it took since the last rest."""
        self.sleep((self.clock() - self._since) * self.rests_per_work)
        self._since = self.clock()


def seal_once(sealer: Sealer) -> None:
    """Seal all there is, block by block with rests; what goes wrong is logged, for there is a next time."""
    try:
        for _ in sealer.seal_all(rest=Pace().rest):
            pass
    except (OperatorError, NotNow) as error:
        log.warning("sealing has to wait: %s", error)
    except Exception:
        log.exception("sealing failed")


def seal_forever(sealer: Sealer, every_seconds: float) -> None:
    """Until the process ends."""
    while True:
        seal_once(sealer)
        time.sleep(every_seconds)


def seal_in_thread(sealer: Sealer, every_seconds: float) -> None:
    """For books in memory, which no other process can see."""
    work = (sealer, every_seconds)
    Thread(target=seal_forever, args=work, name="sealer", daemon=True).start()


def main() -> None:
    """The process beside `payments serve`; it ends with its parent."""
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, signal.SIG_DFL)
    end_with_parent(parent_told())
    settings = Settings()
    configure_logs(settings)
    os.nice(NICENESS)
    collect_less_often()
    seal_forever(Container(settings=settings).sealer(), settings.seal_seconds)


if __name__ == "__main__":
    main()
