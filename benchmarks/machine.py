"""The conditions under which figures were measured."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import database
from benchmarks.stage import Stage
from entrypoints.config import Settings


def conditions(stage: Stage) -> dict[str, str]:
    """What a reader must know to compare these figures with others; RuntimeError when not durable."""
    settings = Settings()
    options = stage.options
    shown = database.settings_shown(stage.server_url)
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{_cpu()}, {os.cpu_count()} cores, {_memory_gib():.0f} GiB, load included",
        "kernel": f"{platform.system()} {platform.release()}, data on {_filesystem(stage.places.data)}",
        "python": platform.python_version(),
        "server": f"granian {version('granian')}, {settings.workers} workers"
        f" of {settings.threads} threads",
        "load": f"wrk -t2 -c64, pgbench -s 100 -c64 -j2, {options.rounds} round(s)"
        f" of {options.seconds} s, {options.wallets:,} wallets",
        "PostgreSQL": ", ".join(f"{name} {value}" for name, value in shown.items()),
    }


def refuse_memory_disk(folder: Path) -> None:
    """RuntimeError where an fsync costs nothing: such figures would flatter."""
    if _filesystem(folder) in {"tmpfs", "ramfs"}:
        raise RuntimeError(f"{folder} is in memory, not on a disk: choose another --data-dir")


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def _filesystem(folder: Path) -> str:
    """The type of the filesystem that a folder is on: of the longest mount point above it."""
    path = folder.resolve()
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    above = [(len(point), type) for point, type in mounts if path.is_relative_to(point)]
    return max(above)[1] if above else "unknown"
