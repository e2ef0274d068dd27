"""Reads the books for accounting programs: out of one snapshot, in pieces."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from adapters.postgres.archive_save import snapshot
from adapters.postgres.log_tables import transaction_number
from adapters.postgres.tables import account, currency, posting, transaction, wallet
from service_layer.audit import Progress, silent
from service_layer.ledger_lines import LedgerLines, Owner, PostingLine, TransactionLine, WalletLine

ROWS_AT_ONCE = 2_000
SHOW_EVERY = 1_000
Row = sa.Row[Any]

_OF_WALLET = posting.c.wallet_id == wallet.c.id
_FIRST = sa.select(sa.func.min(posting.c.created_at)).where(_OF_WALLET).scalar_subquery()
_SUM = sa.select(sa.func.sum(posting.c.amount)).where(_OF_WALLET).scalar_subquery()
# A row's own balance, so that it is an independent witness; the system's wallets have none.
WALLETS = (
    sa.select(
        wallet.c.id.label("wallet_id"),
        wallet.c.account_id,
        wallet.c.currency,
        account.c.name,
        account.c.reference,
        sa.func.least(wallet.c.created_at, _FIRST).label("since"),
        sa.case((wallet.c.account_id.is_(None), _SUM), else_=wallet.c.balance).label("balance"),
    )
    .outerjoin(account, account.c.id == wallet.c.account_id)
    .order_by(wallet.c.id)
)
POSTINGS = (
    sa.select(
        transaction,
        transaction_number.c.number,
        posting.c.leg,
        posting.c.wallet_id,
        posting.c.amount,
        posting.c.currency,
        posting.c.balance_after,
        posting.c.wallet_version,
        wallet.c.account_id,
        account.c.name,
    )
    .join(posting, posting.c.transaction_id == transaction.c.id)
    .join(wallet, wallet.c.id == posting.c.wallet_id)
    .outerjoin(account, account.c.id == wallet.c.account_id)
    .outerjoin(transaction_number, transaction_number.c.transaction_id == transaction.c.id)
    .order_by(transaction.c.created_at, transaction.c.id, posting.c.leg)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresLedgerLines:
    """`connection` sees one moment."""

    connection: sa.Connection
    at: datetime
    exponents: Mapping[str, int]

    def wallets(self, progress: Progress = silent) -> Iterator[WalletLine]:
        of = self._count(wallet)
        for done, row in enumerate(self._rows(WALLETS), start=1):
            if done % SHOW_EVERY == 0 or done == of:
                progress(done, of, "wallets")
            if row.account_id is not None or row.balance is not None:
                yield _wallet_line(row)

    def transactions(self, progress: Progress = silent) -> Iterator[TransactionLine]:
        of = self._count(transaction)
        each = groupby(self._rows(POSTINGS), key=lambda row: row.id)
        for done, (_, rows) in enumerate(each, start=1):
            if done % SHOW_EVERY == 0 or done == of:
                progress(done, of, "transactions")
            yield _transaction_line(list(rows))

    def _rows(self, query: sa.Select[Any]) -> Iterator[Row]:
        streamed = self.connection.execution_options(yield_per=ROWS_AT_ONCE)
        yield from streamed.execute(query)

    def _count(self, table: sa.Table) -> int:
        count: int = self.connection.execute(
            sa.select(sa.func.count()).select_from(table)
        ).scalar_one()
        return count


class PostgresLedger:
    """Needs a connection of its own for as long as somebody reads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @contextmanager
    def __call__(self) -> Iterator[LedgerLines]:
        with snapshot(self._engine) as connection:
            at = connection.execute(sa.select(sa.func.now())).scalar_one()
            known = sa.select(currency.c.code, currency.c.exponent).order_by(currency.c.code)
            exponents = {row.code: row.exponent for row in connection.execute(known)}
            yield PostgresLedgerLines(connection=connection, at=at, exponents=exponents)


def _owner(row: Row) -> Owner:
    return Owner(
        wallet_id=row.wallet_id, currency=row.currency, account_id=row.account_id, name=row.name
    )


def _wallet_line(row: Row) -> WalletLine:
    return WalletLine(
        owner=_owner(row), reference=row.reference, since=row.since, balance=int(row.balance)
    )


def _transaction_line(rows: list[Row]) -> TransactionLine:
    first = rows[0]
    return TransactionLine(
        id=first.id,
        type=first.type,
        created_at=first.created_at,
        number=first.number,
        reference=first.reference,
        description=first.description,
        metadata=first.metadata,
        reverses=first.reverses,
        hold_id=first.hold_id,
        postings=tuple(map(_posting_line, rows)),
    )


def _posting_line(row: Row) -> PostingLine:
    return PostingLine(
        leg=row.leg,
        owner=_owner(row),
        amount=row.amount,
        balance_after=row.balance_after,
        wallet_version=row.wallet_version,
    )
