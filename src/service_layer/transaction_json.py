"""A transaction in JSON types: what is answered, what webhooks carry."""

from typing import Any

from domain.split import Part
from domain.times import rfc3339
from domain.transaction import Posting, Transaction


def posting_to_json(posting: Posting) -> dict[str, Any]:
    """The fields of the contract, in JSON types."""
    return {
        "wallet_id": str(posting.wallet_id),
        "amount": posting.amount,
        "currency": posting.currency,
        "balance_after": posting.balance_after,
        "wallet_version": posting.wallet_version,
    }


def part_to_json(part: Part) -> dict[str, Any]:
    """The fields of the contract, in JSON types."""
    return {
        "wallet_id": str(part.share.wallet_id),
        "fixed": part.share.fixed,
        "percent": part.share.percent,
        "remainder": part.share.is_remainder,
        "amount": part.amount,
        "exact": part.exact,
        "rounding": part.rounding,
    }


def transaction_to_json(transaction: Transaction) -> dict[str, Any]:
    """The fields of the contract, in JSON types; metadata sorted, so that a replay is the same text."""
    body = {
        "id": str(transaction.id),
        "type": transaction.type,
        "reference": transaction.reference,
        "description": transaction.description,
        "metadata": dict(sorted(transaction.metadata.items())),
        "reverses": None if transaction.reverses is None else str(transaction.reverses),
        "hold_id": None if transaction.hold_id is None else str(transaction.hold_id),
        "created_at": rfc3339(transaction.created_at),
        "postings": [posting_to_json(posting) for posting in transaction.postings],
    }
    if transaction.allocation:
        body["allocation"] = [part_to_json(part) for part in transaction.allocation]
    if transaction.quote_id is not None:
        body["quote_id"] = str(transaction.quote_id)
    return body
