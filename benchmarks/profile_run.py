"""Profile one worker of the service under uniform transfers."""

from collections.abc import Mapping
from pathlib import Path

from benchmarks import profiler
from benchmarks.cpu import cpu_times
from benchmarks.measure import Measurement
from benchmarks.rows.transfers import UNIFORM
from benchmarks.stage import Stage


def run(stage: Stage, file: Path) -> Measurement:
    """Write a summary to `file`, the raw stacks beside it (.raw, for flame graphs).

    Who uses the processors is measured first, without a profiler in the way.
    """
    UNIFORM.prepare(stage)
    seconds = stage.options.seconds
    workers = stage.servers["bench"].workers()
    before = cpu_times(stage, workers)
    measurement = UNIFORM.measure(stage, seconds)
    spent = cpu_times(stage, workers).since(before)
    raw = file.with_suffix(".raw")
    with profiler.profiled(workers[0], seconds, raw):
        UNIFORM.measure(stage, seconds + 1)
    shares = _shares(spent, measurement.per_second * seconds)
    file.write_text(f"{shares}\n\n{profiler.summary(raw)}")
    return measurement


def _shares(spent: Mapping[str, float], transfers: float) -> str:
    total = sum(spent.values())
    lines = [
        f"{100 * seconds / total:6.1f} %  {1e6 * seconds / transfers:6.0f} µs a transfer  {name}"
        for name, seconds in spent.items()
    ]
    return "\n".join(["processor time", *lines])
