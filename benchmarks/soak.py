"""Ten minutes of uniform transfers: does the memory of a worker grow?"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.memory import Memory, memory_of
from benchmarks.rows.transfers import UNIFORM
from benchmarks.stage import Stage

EARLY_SHARE = 10
GROWTH_MAX = 1.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """One worker's memory after a tenth of the time, with its memory at the end."""

    pid: int
    early: Memory
    late: Memory

    @property
    def ratio(self) -> float:
        """Of the memory that is the worker's own."""
        return self.late.own_kib / self.early.own_kib

    def __str__(self) -> str:
        return (
            f"worker {self.pid}: own {self.early.own_kib / 1024:.1f} -> "
            f"{self.late.own_kib / 1024:.1f} MiB ({self.ratio:.3f} x, at most {GROWTH_MAX}), "
            f"resident {self.early.resident_kib / 1024:.1f} -> "
            f"{self.late.resident_kib / 1024:.1f} MiB"
        )


def run(stage: Stage, tell: Callable[[str], None]) -> bool:
    """Whether the load went well and no worker has grown or been replaced."""
    UNIFORM.prepare(stage)
    seconds = stage.options.seconds
    server = stage.servers["bench"]
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(UNIFORM.measure, stage, seconds)
        time.sleep(seconds / EARLY_SHARE)
        early = {pid: memory_of(pid) for pid in server.workers()}
        time.sleep(seconds - seconds / EARLY_SHARE - 1)
        late = {pid: memory_of(pid) for pid in server.workers()}
        measurement = load.result()
    tell(f"{measurement.per_second:,.0f} transfers/s for {seconds} s {measurement.problems or ''}")
    if early.keys() != late.keys():
        tell(f"workers were replaced: {sorted(early)} became {sorted(late)}")
        return False
    grown = [Growth(pid=pid, early=early[pid], late=late[pid]) for pid in early]
    for each in grown:
        tell(str(each))
    return not measurement.problems and all(each.ratio <= GROWTH_MAX for each in grown)
