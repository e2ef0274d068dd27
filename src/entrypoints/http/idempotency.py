"""The Idempotency-Key of a request, with the fingerprint of what it asks for."""

import re
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from domain.idempotency import KEYLESS, IdempotencyKey
from entrypoints.http.request_errors import IdempotencyKeyInvalid, IdempotencyKeyRequired

HEADER = "Idempotency-Key"
KEY = re.compile(r"[!-~]{1,255}")
"""Visible ASCII."""


def read_key(environ: dict[str, Any], *, required: bool) -> str | None:
    """Errors: IdempotencyKeyRequired, IdempotencyKeyInvalid."""
    key: str | None = environ.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        if required:
            raise IdempotencyKeyRequired(f"Send an {HEADER} header with this request.")
        return None
    if not KEY.fullmatch(key):
        raise IdempotencyKeyInvalid(f"{HEADER} must be 1 to 255 visible ASCII characters.")
    return key


def fingerprint(operation: str, path_ids: dict[str, str], body: dict[str, Any]) -> bytes:
    """32 bytes: SHA-256 over canonical JSON of the operation, the ids in its path and its body as sent."""
    request = {"operation": operation, "path": path_ids, "body": body}
    return sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS)).digest()


def idempotency_key(
    key: str | None, scope: str, new_id: UUID, print_of_request: bytes
) -> IdempotencyKey:
    """The scope is the principal's id. A request without a key gets one of its own: one road for all."""
    if key is None:
        return IdempotencyKey(scope=KEYLESS, key=str(new_id), fingerprint=print_of_request)
    return IdempotencyKey(scope=scope, key=key, fingerprint=print_of_request)
