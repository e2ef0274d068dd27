"""An API key in JSON types: what is answered, what is kept under an idempotency key; never a secret."""

from datetime import datetime
from typing import Any

from domain.api_key import ApiKey, KeySecret
from domain.times import rfc3339


def api_key_to_json(key: ApiKey, now: datetime) -> dict[str, Any]:
    """The fields of the contract. Of its secrets: the prefixes of those that still open something."""
    return {
        "id": str(key.id),
        "name": key.name,
        "scopes": [str(scope) for scope in key.scopes],
        "account_id": None if key.account_id is None else str(key.account_id),
        "status": str(key.status(now)),
        "secrets": [_secret(each) for each in key.secrets if not each.is_over(now)],
        "created_at": rfc3339(key.created_at),
        "updated_at": rfc3339(key.updated_at),
        "expires_at": _time(key.expires_at),
        "revoked_at": _time(key.revoked_at),
    }


def _secret(secret: KeySecret) -> dict[str, Any]:
    return {
        "prefix": secret.prefix,
        "created_at": rfc3339(secret.created_at),
        "expires_at": _time(secret.expires_at),
    }


def _time(time: datetime | None) -> str | None:
    return None if time is None else rfc3339(time)
