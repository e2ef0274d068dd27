"""The machine's clock, with new ids or secrets."""

import secrets
from datetime import UTC, datetime

from uuid_utils.compat import uuid7 as new_id

__all__ = ["new_id", "new_secret", "utc_now"]


def utc_now() -> datetime:
    """The time now, in UTC, to the microsecond."""
    return datetime.now(UTC)


def new_secret() -> str:
    """A new secret of an API key: 48 random bits to find it by, 256 to keep."""
    return f"pay_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
