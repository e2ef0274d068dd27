"""The machine's clock, with new ids or secrets."""

from base64 import b64encode
from datetime import UTC, datetime
from secrets import token_bytes, token_hex, token_urlsafe

from uuid_utils.compat import uuid7 as new_id

__all__ = ["new_id", "new_secret", "new_webhook_secret", "utc_now"]


def utc_now() -> datetime:
    """The time now, in UTC, to the microsecond."""
    return datetime.now(UTC)


def new_secret() -> str:
    """A new secret of an API key: 48 random bits to find it by, 256 to keep."""
    return f"pay_{token_hex(6)}_{token_urlsafe(32)}"


def new_webhook_secret() -> str:
    """A secret of 32 random bytes, in the form of Standard Webhooks."""
    return "whsec_" + b64encode(token_bytes(32)).decode()
