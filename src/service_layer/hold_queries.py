"""The port of queries about holds: read-only, without locks or a unit of work."""

from typing import Protocol
from uuid import UUID

from domain.hold import Hold, HoldStatus


class HoldQueries(Protocol):
    """Holds are as of now: expired from their instant on. Lists are newest first; `before` is an id."""

    def hold(self, hold_id: UUID) -> Hold:
        """HoldNotFound."""

    def holds(
        self,
        *,
        wallet_id: UUID | None,
        account_id: UUID | None = None,
        status: HoldStatus | None,
        reference: str | None,
        before: UUID | None,
        limit: int,
    ) -> list[Hold]:
        """All holds, or those on one wallet, on one account's, of one status, or with that reference."""
