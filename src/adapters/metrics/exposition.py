"""What Prometheus reads: everything that all workers have counted until now."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from adapters.metrics.families import make_families
from adapters.metrics.sharing import collect_shared, forget_the_dead, share_through
from adapters.metrics.tally import Tally
from adapters.metrics.vitals_collector import VitalsCollector
from domain.errors import Overloaded

OVERLOADED = Overloaded.code


class Queue(Protocol):
    """Where commands wait."""

    @property
    def waiting(self) -> int: ...


class Gate(Protocol):
    """Where requests come in, or do not."""

    @property
    def inside(self) -> int: ...

    def take_refused(self) -> int: ...


class Metrics:
    """This process's part. With a `folder` it is shared with the other workers, else it is all there is."""

    def __init__(self, folder: Path | None, problem_codes: Iterable[str] = ()) -> None:
        share_through(folder)
        self.folder = folder
        self.registry = CollectorRegistry()
        self.families = make_families(self.registry)
        self.families.gauges.workers.set(1)
        # From zero on: what appears with its first problem would look as if nothing had happened.
        for code in problem_codes:
            self.families.http.problems.labels(code)
        self.tally = Tally(self.families)


class Exposition:
    """Shows the metrics; samples gauges, which nobody has to keep up to date."""

    def __init__(
        self,
        metrics: Metrics,
        vitals: VitalsCollector,
        gate: Gate,
        queues: Mapping[str, Queue],
        pools: Mapping[str, sa.Engine],
    ) -> None:
        self._metrics = metrics
        self._gate = gate
        self._queues = queues
        self._pools = pools
        self.registry = metrics.registry
        if metrics.folder is not None:
            self.registry = CollectorRegistry()
            collect_shared(metrics.folder, self.registry)
        self.registry.register(vitals)

    def sample(self) -> None:
        """Bring this process's part up to date, for whichever worker shows it next."""
        self._metrics.tally.add_up()
        families = self._metrics.families
        families.gauges.inside.set(self._gate.inside)
        refused = self._gate.take_refused()
        families.http.overload.inc(refused)
        families.http.problems.labels(OVERLOADED).inc(refused)
        for lane, queue in self._queues.items():
            families.gauges.queue.labels(lane).set(queue.waiting)
        for name, engine in self._pools.items():
            families.gauges.connections.labels(name).set(_in_use(engine))
            families.gauges.connections_max.labels(name).set(_size(engine))

    def show(self, accept: str) -> tuple[bytes, str]:
        """All metrics in the format that an Accept header asks for, with its content type."""
        self.sample()
        if self._metrics.folder is not None:
            forget_the_dead(self._metrics.folder)
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type


def _in_use(engine: sa.Engine) -> int:
    pool = engine.pool
    return pool.checkedout() if isinstance(pool, sa.QueuePool) else 0


def _size(engine: sa.Engine) -> int:
    pool = engine.pool
    return pool.size() if isinstance(pool, sa.QueuePool) else 0
