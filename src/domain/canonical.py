"""The canonical bytes of a transaction: what is hashed, however it is stored.

JSON in the canonical form of RFC 8785 (no spaces, the members of each object in the order of their
names as UTF-16, no escapes that are not needed), in UTF-8. A member that is null is left out, so that a
member added in a later version leaves the bytes of older transactions as they were. `v` is the
version of the form; docs/proofs.md lists the members.
"""

import json
from collections.abc import Mapping
from typing import Any

from domain.times import rfc3339
from domain.transaction import Posting, Transaction

VERSION = 1
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def canonical_transaction(transaction: Transaction) -> bytes:
    """The bytes of one transaction with its postings, in the order of their legs."""
    return canonical_json(
        {
            "v": VERSION,
            "id": str(transaction.id),
            "type": str(transaction.type),
            "reference": transaction.reference,
            "description": transaction.description,
            "metadata": dict(transaction.metadata),
            "reverses": None if transaction.reverses is None else str(transaction.reverses),
            "hold_id": None if transaction.hold_id is None else str(transaction.hold_id),
            "quote_id": None if transaction.quote_id is None else str(transaction.quote_id),
            "actor": transaction.actor,
            "request_id": transaction.request_id,
            "created_at": rfc3339(transaction.created_at),
            "postings": [_posting(posting) for posting in transaction.postings],
            "allocation": [part.to_json() for part in transaction.allocation] or None,
        }
    )


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """RFC 8785 for objects, arrays, strings and integers up to 2^53; members that are null are left out."""
    return _ENCODER.encode(_ordered(dict(value))).encode()


def _posting(posting: Posting) -> dict[str, Any]:
    return {
        "wallet_id": str(posting.wallet_id),
        "amount": posting.amount,
        "currency": posting.currency,
        "balance_after": posting.balance_after,
        "wallet_version": posting.wallet_version,
    }


def _ordered(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        # What is ASCII has the same order in every encoding, and is what there nearly always is.
        key = None if "".join(value).isascii() else _utf_16
        names = sorted(value, key=key)
        return {name: _ordered(value[name]) for name in names if value[name] is not None}
    if kind is list:
        return [_ordered(each) for each in value]
    return value


def _utf_16(name: str) -> bytes:
    return name.encode("utf-16-be")
