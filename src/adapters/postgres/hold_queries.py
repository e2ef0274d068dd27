"""Queries about holds on PostgreSQL."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from adapters.postgres.reader import Reader
from adapters.postgres.tables import hold, wallet
from domain.errors import HoldNotFound
from domain.hold import Hold, HoldStatus
from service_layer.ports import Clock

# The time at which holds, or the wallets that they are on, are looked at.
NOW = sa.bindparam("now", type_=sa.DateTime(timezone=True))
HOLD = sa.select(hold).where(hold.c.id == sa.bindparam("id", type_=sa.Uuid))
PENDING = hold.c.status == HoldStatus.PENDING.value
OVER = sa.and_(PENDING, hold.c.expires_at <= NOW)


class PostgresHoldQueries:
    """`clock` says whether a hold's instant has come."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._rows = Reader(engine).rows
        self._clock = clock

    def hold(self, hold_id: UUID) -> Hold:
        found = self._rows(HOLD, id=hold_id)
        if not found:
            raise HoldNotFound(f"There is no hold {hold_id}.", hold_id=str(hold_id))
        return hold_of(found[0]).as_of(self._clock())

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
        chosen = sa.select(hold).order_by(hold.c.id.desc()).limit(limit)
        if wallet_id is not None:
            chosen = chosen.where(hold.c.wallet_id == wallet_id)
        if reference is not None:
            chosen = chosen.where(hold.c.reference == reference)
        if before is not None:
            chosen = chosen.where(hold.c.id < before)
        now = self._clock()
        found = {
            row.id: hold_of(row).as_of(now)
            for condition in _conditions(status)
            for row in self._rows(_of(account_id, chosen.where(condition), limit), now=now)
        }
        return [found[id] for id in sorted(found, reverse=True)[:limit]]


def _of(account_id: UUID | None, chosen: sa.Select[Any], limit: int) -> sa.Select[Any]:
    """Those of them that are on the account's wallets: of each wallet as many as are wanted in all."""
    if account_id is None:
        return chosen
    each = chosen.where(hold.c.wallet_id == wallet.c.id).correlate(wallet).lateral()
    return (
        sa.select(each)
        .select_from(wallet.join(each, sa.true()))
        .where(wallet.c.account_id == account_id)
        .order_by(each.c.id.desc())
        .limit(limit)
    )


def _conditions(status: HoldStatus | None) -> list[sa.ColumnElement[bool]]:
    """What is stored for holds of that status: each is found in the order of an index.

    A hold may be noted as expired between two reads: it is then found twice, never missed.
    """
    if status is None:
        return [sa.true()]
    if status is HoldStatus.PENDING:
        return [sa.and_(PENDING, sa.or_(hold.c.expires_at.is_(None), hold.c.expires_at > NOW))]
    stored = hold.c.status == status.value
    return [OVER, stored] if status is HoldStatus.EXPIRED else [stored]


def hold_of(row: sa.Row[Any]) -> Hold:
    """A row of hold."""
    fields = {**row._mapping, "status": HoldStatus(row.status)}
    return Hold(**fields)
