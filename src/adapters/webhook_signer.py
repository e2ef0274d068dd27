"""Signs messages as Standard Webhooks specify."""

from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook


def sign(secrets: Sequence[str], message_id: str, at: datetime, text: str) -> str:
    """One signature by each secret, separated by spaces: a receiver accepts any of them."""
    # The library takes a time's digits for those of UTC, whatever its zone.
    in_utc = at.astimezone(UTC)
    return " ".join(Webhook(secret).sign(message_id, in_utc, text) for secret in secrets)
