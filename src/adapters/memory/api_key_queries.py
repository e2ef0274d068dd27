"""Queries about API keys on the in-memory ledger."""

from uuid import UUID

from adapters.memory.ledger import Ledger
from adapters.memory.queries import newest_first
from domain.api_key import ApiKey
from domain.errors import ApiKeyNotFound


class MemoryApiKeyQueries:
    """Keys are immutable values: what is given out stays as it was read."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def api_key(self, api_key_id: UUID) -> ApiKey:
        with self._ledger.lock:
            found = self._ledger.api_keys.get(api_key_id)
        if found is None:
            raise ApiKeyNotFound(f"There is no API key {api_key_id}.", api_key_id=str(api_key_id))
        return found

    def api_keys(self, *, before: UUID | None, limit: int) -> list[ApiKey]:
        with self._ledger.lock:
            keys = list(self._ledger.api_keys.values())
        return newest_first(keys, lambda key: key.id, before, limit)

    def api_key_of(self, prefix: str) -> ApiKey | None:
        with self._ledger.lock:
            id = self._ledger.api_key_prefixes.get(prefix)
            return None if id is None else self._ledger.api_keys[id]
