"""Queries about API keys on PostgreSQL."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from adapters.postgres.api_key_rows import api_keys_from_rows
from adapters.postgres.api_key_tables import api_key, api_key_secret
from adapters.postgres.reader import Reader
from domain.api_key import ApiKey
from domain.errors import ApiKeyNotFound

K, S = api_key.c, api_key_secret.c
ROWS = sa.select(
    *(K.id, K.name, K.scopes, K.account_id, K.created_at, K.updated_at, K.expires_at, K.revoked_at),
    *(S.prefix, S.hash, S.created_at, S.expires_at),
).join(api_key_secret, S.api_key_id == K.id)
PREFIX = sa.bindparam("prefix", type_=sa.Text)
OF_PREFIX = ROWS.where(K.id == sa.select(S.api_key_id).where(S.prefix == PREFIX).scalar_subquery())


class PostgresApiKeyQueries:
    """Of each key all rows: one for each of its secrets."""

    def __init__(self, engine: sa.Engine) -> None:
        self._reader = Reader(engine)

    def api_key(self, api_key_id: UUID) -> ApiKey:
        for found in self._keys(ROWS.where(K.id == api_key_id)):
            return found
        raise ApiKeyNotFound(f"There is no API key {api_key_id}.", api_key_id=str(api_key_id))

    def api_keys(self, *, before: UUID | None, limit: int) -> list[ApiKey]:
        ids = sa.select(K.id).order_by(K.id.desc()).limit(limit)
        if before is not None:
            ids = ids.where(K.id < before)
        return self._keys(ROWS.where(K.id.in_(ids)))

    def api_key_of(self, prefix: str) -> ApiKey | None:
        for found in self._keys(OF_PREFIX, prefix=prefix):
            return found
        return None

    def _keys(self, query: sa.Executable, **values: Any) -> list[ApiKey]:
        found = api_keys_from_rows(self._reader.rows(query, **values))
        return [found[id] for id in sorted(found, reverse=True)]
