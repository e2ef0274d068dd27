"""The port of queries about API keys."""

from typing import Protocol
from uuid import UUID

from domain.api_key import ApiKey


class ApiKeyQueries(Protocol):
    """Keys with the hashes of their secrets, those that are over included."""

    def api_key(self, api_key_id: UUID) -> ApiKey:
        """ApiKeyNotFound."""

    def api_keys(self, *, before: UUID | None, limit: int) -> list[ApiKey]:
        """All keys, newest first; `before` is the id of the last one already seen."""

    def api_key_of(self, prefix: str) -> ApiKey | None:
        """The key that has, or had, a secret with this prefix; None when there never was one."""
