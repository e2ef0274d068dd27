"""A measurement is what one short run of load has shown."""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """`per_second` counts transfers, transactions or requests; `problems` make it invalid."""

    per_second: float
    p50_ms: float | None = None
    p99_ms: float | None = None
    problems: tuple[str, ...] = ()


def median_of(values: list[float | None]) -> float | None:
    """The median of what is known."""
    known = [value for value in values if value is not None]
    return median(known) if known else None
