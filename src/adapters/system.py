"""The machine's clock, with new ids."""

from datetime import UTC, datetime

from uuid_utils.compat import uuid7 as new_id

__all__ = ["new_id", "utc_now"]


def utc_now() -> datetime:
    """The time now, in UTC, to the microsecond."""
    return datetime.now(UTC)
