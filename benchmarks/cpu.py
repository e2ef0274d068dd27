"""Who spends the processors' time: workers, PostgreSQL, the load generator, or others."""

import os
import resource
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import children
from benchmarks.stage import Stage

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuTimes:
    """Seconds spent so far, in user and in kernel mode."""

    workers: float
    postgres: float
    load: float
    machine: float

    def since(self, before: "CpuTimes") -> dict[str, float]:
        """Seconds by who spent them; `others` is whatever else the machine did."""
        spent = {
            "workers": self.workers - before.workers,
            "PostgreSQL": self.postgres - before.postgres,
            "load generator": self.load - before.load,
        }
        return {**spent, "others": self.machine - before.machine - sum(spent.values())}


def cpu_times(stage: Stage, workers: list[int]) -> CpuTimes:
    """A reading of all clocks."""
    postmaster = _postmaster(stage)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return CpuTimes(
        workers=sum(_seconds(pid) for pid in workers),
        postgres=sum(_seconds(pid) for pid in children(postmaster))
        + _seconds(postmaster, reaped=True),
        load=usage.ru_utime + usage.ru_stime,
        machine=_machine_seconds(),
    )


def _seconds(pid: int, *, reaped: bool = False) -> float:
    """What a process has used, with its ended children when `reaped`; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11 : 15 if reaped else 13])) / TICKS


def _machine_seconds() -> float:
    """All time that was neither idle nor waiting for a disk nor stolen."""
    user, nice, system, _idle, _iowait, irq, softirq = map(
        int, Path("/proc/stat").read_text().split(maxsplit=8)[1:8]
    )
    return (user + nice + system + irq + softirq) / TICKS


def _postmaster(stage: Stage) -> int:
    return int((stage.places.data / "cluster" / "postmaster.pid").read_text().split()[0])
