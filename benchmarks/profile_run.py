"""Profile one worker of the service under uniform transfers."""

import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks import database, profiler
from benchmarks.cpu import cpu_times
from benchmarks.measure import Measurement
from benchmarks.rows.transfers import UNIFORM
from benchmarks.stage import Stage

LOGGED = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"
COMMITTED = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
STATISTICS_SECONDS_MAX = 1.5  # PostgreSQL's sessions report what they did at most once a second.


def run(stage: Stage, file: Path) -> Measurement:
    """Write a summary to `file`, the raw stacks beside it (.raw, for flame graphs).

    Who uses the processors and the log is measured first, without a profiler in the way.
    """
    UNIFORM.prepare(stage)
    measurement, costs = _costs(stage)
    raw = file.with_suffix(".raw")
    seconds = stage.options.seconds
    with profiler.profiled(stage.servers["bench"].workers()[0], seconds, raw):
        UNIFORM.measure(stage, seconds + 1)
    file.write_text(f"{costs}\n\n{profiler.summary(raw)}")
    return measurement


def _costs(stage: Stage) -> tuple[Measurement, str]:
    workers = stage.servers["bench"].workers()
    seconds = stage.options.seconds
    before, counted = cpu_times(stage, workers), _counters(stage)
    measurement = UNIFORM.measure(stage, seconds)
    spent = cpu_times(stage, workers).since(before)
    logged, commits = (now - then for now, then in zip(_counters(stage), counted, strict=True))
    transfers = measurement.per_second * seconds
    written = f"{logged / transfers:.0f} bytes of WAL a transfer"
    shared = f"{transfers / commits:.1f} transfers a commit"
    return measurement, f"{_shares(spent, transfers)}\n\n{written}, {shared}"


def _counters(stage: Stage) -> tuple[float, float]:
    """Bytes of WAL, commits, so far."""
    time.sleep(STATISTICS_SECONDS_MAX)
    url = stage.books["bench"].url
    return float(database.ask(url, LOGGED)[0][0]), float(database.ask(url, COMMITTED)[0][0])


def _shares(spent: Mapping[str, float], transfers: float) -> str:
    total = sum(spent.values())
    lines = [
        f"{100 * seconds / total:6.1f} %  {1e6 * seconds / transfers:6.0f} µs a transfer  {name}"
        for name, seconds in spent.items()
    ]
    return "\n".join(["processor time", *lines])
