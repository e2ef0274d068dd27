"""When a webhook that failed is sent again: later each time, for three days, never all at once."""

from datetime import datetime, timedelta

FIRST_DELAY_SECONDS = 5
DELAY_FACTOR = 4
DELAY_SECONDS_MAX = 8 * 60 * 60
JITTER = 0.2
GIVE_UP_AFTER = timedelta(days=3)


def delay_seconds(attempt: int, chance: float) -> float:
    """The pause after that attempt (1, 2, 3…): 5 s, 20 s, 80 s… 8 h, 20 % more or less.

    `chance` is a random number from 0 to 1.
    """
    steps = min(attempt - 1, 16)  # beyond that it is at its maximum long since
    usual: int = min(FIRST_DELAY_SECONDS * DELAY_FACTOR**steps, DELAY_SECONDS_MAX)
    return usual * (1 + JITTER * (2 * chance - 1))


def next_attempt_at(
    attempt: int, now: datetime, give_up_at: datetime, chance: float
) -> datetime | None:
    """None when there is no time for another one."""
    at = now + timedelta(seconds=delay_seconds(attempt, chance))
    return at if at < give_up_at else None
