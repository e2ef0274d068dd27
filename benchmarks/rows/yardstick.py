"""PostgreSQL's own TPC-B, the yardstick of most rows."""

from benchmarks import pgbench
from benchmarks.figure import Figure
from benchmarks.measure import Measurement
from benchmarks.stage import Stage


def _figure(mode: str) -> Figure:
    def measure(stage: Stage, seconds: int) -> Measurement:
        return pgbench.measure(stage.server_url, mode, seconds)

    return Figure(
        name=f"pgbench -M {mode}",
        measure=measure,
        prepare=lambda stage: pgbench.prepare(stage.server_url),
    )


PGBENCH = _figure("simple")
PGBENCH_PREPARED = _figure("prepared")
