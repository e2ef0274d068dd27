"""Wallets as clients see them: a hold counts no longer from its instant on, noted or not."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from adapters.postgres.hold_queries import OVER
from adapters.postgres.tables import hold, wallet
from service_layer.read_models import WalletView


def _of_expired(what: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """An aggregate over the wallet's holds that are pending in name only; NULL when nothing is held."""
    found = sa.select(what).where(hold.c.wallet_id == wallet.c.id, OVER).scalar_subquery()
    return sa.case((wallet.c.held > 0, found), else_=None)


WALLETS = sa.select(
    wallet,
    _of_expired(sa.cast(sa.func.sum(hold.c.amount - hold.c.captured), sa.BigInteger)).label(
        "freed"
    ),
    _of_expired(sa.func.max(hold.c.expires_at)).label("freed_at"),
).where(wallet.c.account_id.is_not(None))
"""Customers' wallets; needs `now`."""


def wallet_view(row: Any) -> WalletView:
    """A row of WALLETS."""
    view = plain_wallet_view(row)
    if not row.freed:
        return view
    return replace(view, held=row.held - row.freed, updated_at=max(row.updated_at, row.freed_at))


def plain_wallet_view(row: Any) -> WalletView:
    """A row of wallet on which nothing is held that is over."""
    return WalletView(
        id=row.id,
        account_id=row.account_id,
        currency=row.currency,
        status=row.status,
        balance=row.balance,
        held=row.held,
        overdraft_limit=row.overdraft_limit,
        max_balance=row.max_balance,
        wallet_version=row.wallet_version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
