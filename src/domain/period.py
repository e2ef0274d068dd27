"""A period of time: from an instant on, until before another."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FINAL_AFTER = timedelta(minutes=15)
"""How long after its end a period can still get postings.

A posting gets its time before it is committed. The longest way from one to the other: two pauses of 10 s
with twelve statements of 60 s each, after which the database itself ends the transaction (a further try takes
a new time). That is 740 s; the rest is for workers whose clocks differ.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """`from_time` belongs to it, `to_time` does not."""

    from_time: datetime
    to_time: datetime

    def __post_init__(self) -> None:
        if self.from_time >= self.to_time:
            raise ValueError("a period ends after it begins")

    def is_final(self, now: datetime) -> bool:
        """Whether no posting of this period can appear any more."""
        return now - self.to_time >= FINAL_AFTER
