"""API keys as rows: what is read becomes values, what is written becomes parameters."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from adapters.postgres.arrays import bytes_array, id_array, plain_array, text_array
from adapters.postgres.hold_rows import Statement
from domain.api_key import ApiKey, KeySecret
from domain.books import Books
from domain.scope import Scope

SCOPES = {scope.value: scope for scope in Scope}


def api_keys_from_rows(rows: Iterable[Any]) -> dict[UUID, ApiKey]:
    """In the order of the columns of `read_api_keys`: a row for each secret."""
    heads: dict[UUID, Any] = {}
    secrets: dict[UUID, list[KeySecret]] = {}
    for row in rows:
        heads[row[0]] = row
        secrets.setdefault(row[0], []).append(_secret(row[8:]))
    return {id: _key(row, secrets[id]) for id, row in heads.items()}


def _key(row: Any, secrets: list[KeySecret]) -> ApiKey:
    return ApiKey(
        id=row[0],
        name=row[1],
        # A scope of a later version allows nothing here.
        scopes=tuple(SCOPES[scope] for scope in row[2] if scope in SCOPES),
        account_id=row[3],
        created_at=row[4],
        updated_at=row[5],
        expires_at=row[6],
        revoked_at=row[7],
        secrets=tuple(sorted(secrets, key=lambda each: each.created_at)),
    )


def _secret(row: Any) -> KeySecret:
    return KeySecret(prefix=row[0], hash=bytes(row[1]), created_at=row[2], expires_at=row[3])


def api_key_statements(books: Books) -> list[Statement]:
    """What has become of API keys, for their two tables."""
    keys = books.written_api_keys.values()
    return [_put_keys(keys), _put_secrets(keys)] if keys else []


def _put_keys(keys: Collection[ApiKey]) -> Statement:
    return "EXECUTE put_api_keys (%s, %s, %s, %s, %s, %s, %s, %s)", [
        id_array(key.id for key in keys),
        text_array(key.name for key in keys),
        text_array(" ".join(key.scopes) for key in keys),
        id_array(key.account_id for key in keys),
        plain_array(key.created_at for key in keys),
        plain_array(key.updated_at for key in keys),
        plain_array(key.expires_at for key in keys),
        plain_array(key.revoked_at for key in keys),
    ]


def _put_secrets(keys: Collection[ApiKey]) -> Statement:
    rows = [(key.id, secret) for key in keys for secret in key.secrets]
    return "EXECUTE put_api_key_secrets (%s, %s, %s, %s, %s)", [
        id_array(id for id, _ in rows),
        text_array(secret.prefix for _, secret in rows),
        bytes_array(secret.hash for _, secret in rows),
        plain_array(secret.created_at for _, secret in rows),
        plain_array(secret.expires_at for _, secret in rows),
    ]
