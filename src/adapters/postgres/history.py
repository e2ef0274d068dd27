"""Balances or statements of the past from PostgreSQL: index look-ups among a wallet's postings."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.sql.selectable import LateralFromClause

from adapters.postgres.reader import Reader
from adapters.postgres.tables import account, currency, posting, transaction, wallet
from domain.errors import WalletNotFound
from domain.period import Period
from domain.statement import Line, Statement
from service_layer.history import BalanceView
from service_layer.ports import Clock

Row = sa.Row[Any]
TIME = sa.DateTime(timezone=True)
CUSTOMERS_WALLET = sa.and_(
    wallet.c.id == sa.bindparam("wallet_id", type_=sa.Uuid), wallet.c.account_id.is_not(None)
)


def last_posting(condition: sa.ColumnElement[bool], name: str) -> LateralFromClause:
    """The wallet's last posting of those: one entry of posting_wallet_id_created_at_idx."""
    return (
        sa.select(posting.c.wallet_version, posting.c.balance_after)
        .where(posting.c.wallet_id == wallet.c.id, condition)
        .order_by(posting.c.created_at.desc(), posting.c.wallet_version.desc())
        .limit(1)
        .lateral(name)
    )


_AT = last_posting(posting.c.created_at <= sa.bindparam("at", type_=TIME), "past")
BALANCE_NOW = sa.select(wallet.c.currency, wallet.c.balance, wallet.c.last_posted_at).where(
    CUSTOMERS_WALLET
)
BALANCE_AT = (
    sa.select(
        wallet.c.currency,
        sa.func.coalesce(_AT.c.balance_after, 0).label("balance"),
        wallet.c.last_posted_at,
    )
    .select_from(wallet.outerjoin(_AT, sa.true()))
    .where(CUSTOMERS_WALLET)
)
_OPENING = last_posting(posting.c.created_at < sa.bindparam("from_time", type_=TIME), "opening")
_CLOSING = last_posting(posting.c.created_at < sa.bindparam("to_time", type_=TIME), "closing")
STATEMENT = (
    sa.select(
        wallet.c.account_id,
        account.c.name.label("account_name"),
        wallet.c.currency,
        currency.c.exponent,
        sa.func.coalesce(_OPENING.c.balance_after, 0).label("opening_balance"),
        sa.func.coalesce(_OPENING.c.wallet_version, 0).label("opening_version"),
        sa.func.coalesce(_CLOSING.c.balance_after, 0).label("closing_balance"),
        sa.func.coalesce(_CLOSING.c.wallet_version, 0).label("closing_version"),
    )
    .select_from(
        wallet.join(account, account.c.id == wallet.c.account_id)
        .join(currency, currency.c.code == wallet.c.currency)
        .outerjoin(_OPENING, sa.true())
        .outerjoin(_CLOSING, sa.true())
    )
    .where(CUSTOMERS_WALLET)
)
LINES = (
    sa.select(
        posting.c.wallet_version,
        posting.c.created_at,
        transaction.c.type,
        posting.c.transaction_id,
        transaction.c.reference,
        transaction.c.description,
        posting.c.amount,
        posting.c.balance_after,
    )
    .join(transaction, transaction.c.id == posting.c.transaction_id)
    .where(
        posting.c.wallet_id == sa.bindparam("wallet_id", type_=sa.Uuid),
        posting.c.wallet_version > sa.bindparam("after"),
        posting.c.wallet_version <= sa.bindparam("up_to"),
    )
    .order_by(posting.c.wallet_version)
)


class PostgresHistory:
    """No connection is kept between two calls, so that a slow reader of a long statement has none."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._rows = Reader(engine).rows
        self._clock = clock

    def balance(self, wallet_id: UUID, *, at: datetime | None) -> BalanceView:
        now = self._clock()  # before reading: what is posted meanwhile has a later time
        row = self._one(BALANCE_NOW if at is None else BALANCE_AT, wallet_id, at=at)
        known_until = max(now, row.last_posted_at or now)
        return BalanceView(
            wallet_id=wallet_id,
            at=known_until if at is None else at,
            currency=row.currency,
            balance=row.balance,
            known_until=known_until,
        )

    def statement(self, wallet_id: UUID, period: Period) -> Statement:
        now = self._clock()  # before reading: what is final then has been read whole
        row = self._one(STATEMENT, wallet_id, from_time=period.from_time, to_time=period.to_time)
        return Statement(
            wallet_id=wallet_id, period=period, final=period.is_final(now), **row._mapping
        )

    def lines(self, statement: Statement, *, after: int, limit: int) -> list[Line]:
        up_to = min(after + limit, statement.closing_version)
        rows = self._rows(LINES, wallet_id=statement.wallet_id, after=after, up_to=up_to)
        return [Line(**row._mapping) for row in rows]

    def _one(self, query: sa.Executable, wallet_id: UUID, **values: Any) -> Row:
        found = self._rows(query, wallet_id=wallet_id, **values)
        if not found:
            raise WalletNotFound(f"There is no wallet {wallet_id}.", wallet_id=str(wallet_id))
        return found[0]
