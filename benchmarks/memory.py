"""The memory of a process, as Linux counts it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """`resident_kib` counts shared pages too; `own_kib` would be free again were the process gone."""

    resident_kib: int
    own_kib: int


def memory_of(pid: int) -> Memory:
    """RSS and USS, now."""
    fields = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value, _ = line.split()
        fields[name] = int(value)
    return Memory(
        resident_kib=fields["Rss:"], own_kib=fields["Private_Clean:"] + fields["Private_Dirty:"]
    )
