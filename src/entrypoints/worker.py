"""The worker: numbers events, makes deliveries of them, sends what is due.

Several may run, beside a server or on machines of their own. One that is killed loses nothing: what it had
claimed is claimed by another when the lease is over.
"""

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from domain.errors import NotNow
from entrypoints.collector import collect_less_often
from entrypoints.config import Settings
from entrypoints.container import Container
from entrypoints.logs import configure_logs
from entrypoints.parent import end_with_parent, parent_told
from service_layer.audit import OperatorError
from service_layer.deliver_webhook import Deliverer
from service_layer.delivery_queue import Claimed, DeliveryQueue
from service_layer.ports import Clock
from service_layer.transaction_log import Sequencer

NICENESS = 10
TIDY_SECONDS = 60
CLAIM_SECONDS_MAX = 1.0
log = logging.getLogger("entrypoints.worker")  # also when it is run as a program


@dataclass(slots=True, kw_only=True)
class Worker:
    """`every_seconds` it looks for new events; in between it sends what is due with so many `threads`."""

    sequencer: Sequencer
    queue: DeliveryQueue
    deliverer: Deliverer
    clock: Clock
    threads: int
    every_seconds: float
    stopwatch: Callable[[], float] = time.monotonic
    _wake: Event = field(default_factory=Event)
    _told: bool = False
    _free: int = field(init=False)
    _mutex: Lock = field(default_factory=Lock)
    _tidied: float = 0.0

    def __post_init__(self) -> None:
        self._free = self.threads

    def stop(self) -> None:
        """Claim nothing more; what is on its way is finished. Takes no lock: a signal's handler calls it."""
        self._told = True

    def run(self) -> None:
        """Until `stop` is called."""
        with ThreadPoolExecutor(self.threads, thread_name_prefix="webhook") as pool:
            looked = -self.every_seconds
            while not self._told:
                self._wake.clear()
                if self.stopwatch() - looked >= self.every_seconds:
                    looked = self.stopwatch()
                    self.look()
                self._send(pool)
                pause = looked + self.every_seconds - self.stopwatch()
                self._wake.wait(min(max(pause, 0.0), CLAIM_SECONDS_MAX))

    def look(self) -> None:
        """Number what is new and make deliveries of it; from time to time put away what is old."""
        with explained("looking for events"):
            self.sequencer.number_committed()
            while self.queue.fan_out(self.clock()) and not self._told:
                pass
        if self.stopwatch() - self._tidied >= TIDY_SECONDS:
            self._tidied = self.stopwatch()
            with explained("tidying deliveries up"):
                self.queue.tidy(self.clock())

    def _send(self, pool: ThreadPoolExecutor) -> None:
        """Claim as much as there are threads for."""
        with explained("claiming deliveries"):
            if not self._free:
                return
            for claimed in self.queue.claim(self.clock(), limit=self._free):
                self._count(-1)
                pool.submit(self._deliver, claimed)

    def _deliver(self, claimed: Claimed) -> None:
        try:
            with explained("delivering a webhook"):
                self.deliverer.deliver(claimed)
        finally:
            self._count(+1)
            self._wake.set()

    def _count(self, change: int) -> None:
        with self._mutex:
            self._free += change


@contextmanager
def explained(what: str) -> Iterator[None]:
    """What goes wrong is logged, for there is a next time."""
    try:
        yield
    except (OperatorError, NotNow) as error:
        log.warning("%s has to wait: %s", what, error)
    except Exception:
        log.exception("%s failed", what)


def make_worker(container: Container) -> Worker:
    """On the adapters of a container."""
    settings: Settings = container.settings()
    return Worker(
        sequencer=container.working_sequencer(),
        queue=container.delivery_queue(),
        deliverer=container.deliverer(),
        clock=container.clock(),
        threads=settings.webhook_threads,
        every_seconds=settings.event_seconds,
    )


def work_until_told(container: Container) -> None:
    """Until SIGTERM or SIGINT; what is on its way is finished first."""
    worker = make_worker(container)
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda *_: worker.stop())
    log.info("numbering events and sending webhooks")
    worker.run()


def work_in_thread(container: Container) -> Worker:
    """For books in memory, which no other process can see."""
    worker = make_worker(container)
    Thread(target=worker.run, name="worker", daemon=True).start()
    return worker


def main() -> None:
    """The process beside `payments serve`; it ends with its parent."""
    end_with_parent(parent_told())
    settings = Settings()
    configure_logs(settings)
    os.nice(NICENESS)
    collect_less_often()
    work_until_told(Container(settings=settings))


if __name__ == "__main__":
    main()
