"""A hold in JSON types: what is answered, what is kept under its key."""

from typing import Any

from domain.hold import Hold
from domain.times import rfc3339


def hold_to_json(hold: Hold) -> dict[str, Any]:
    """The fields of the contract; amounts in minor units."""
    destination = hold.destination_wallet_id
    return {
        "id": str(hold.id),
        "wallet_id": str(hold.wallet_id),
        "destination_wallet_id": None if destination is None else str(destination),
        "amount": hold.amount,
        "captured": hold.captured,
        "remaining": hold.remaining,
        "currency": hold.currency,
        "status": str(hold.status),
        "expires_at": None if hold.expires_at is None else rfc3339(hold.expires_at),
        "reference": hold.reference,
        "description": hold.description,
        "metadata": dict(sorted(hold.metadata.items())),
        "created_at": rfc3339(hold.created_at),
        "updated_at": rfc3339(hold.updated_at),
    }
