"""Times as text."""

from datetime import UTC, datetime


def rfc3339(time: datetime) -> str:
    """In UTC, with six digits and Z (RFC 3339)."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
