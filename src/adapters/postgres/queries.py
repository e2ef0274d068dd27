"""Queries on PostgreSQL: read-only SQL into read models."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.postgres.arrays import id_array
from adapters.postgres.look_ups import LookUps
from adapters.postgres.looker import Looker
from adapters.postgres.prepared import Prepared
from adapters.postgres.reader import Reader
from adapters.postgres.tables import account, posting, transaction, wallet
from adapters.postgres.transaction_search import search
from adapters.postgres.version_before import version_before
from adapters.postgres.wallet_views import WALLETS, plain_wallet_view, wallet_view
from domain.errors import AccountNotFound, TransactionNotFound, WalletNotFound
from domain.split import Part
from domain.transaction import Posting, Transaction, TransactionType
from service_layer.ports import Clock
from service_layer.read_models import AccountView, PostingView, WalletView
from service_layer.transaction_filter import TransactionFilter
from service_layer.waiting import IN_THREADS, Waiting

Row = sa.Row[Any]

# What is read all the time is put together once: building a statement costs as much as running it.
ID = sa.bindparam("id", type_=sa.Uuid)
IDS = sa.bindparam("ids", type_=ARRAY(sa.Uuid))
WALLET_BY_ID = Prepared(
    "find_wallets",
    sa.select(wallet).where(wallet.c.id == sa.any_(IDS), wallet.c.account_id.is_not(None)),
    ["ids"],
)
HELD_WALLET_BY_ID = Prepared(
    "find_held_wallets", WALLETS.where(wallet.c.id == sa.any_(IDS)), ["ids", "now"]
)
"""Of wallets with holds: to ask for those that are over takes as long again as all the rest."""
# The transaction stands beside its first posting alone, however many there are.
TRANSACTION_BY_ID = Prepared(
    "find_transactions",
    sa.select(
        posting.c.wallet_id,
        posting.c.amount,
        posting.c.currency,
        posting.c.balance_after,
        posting.c.wallet_version,
        *transaction.c,
    )
    .outerjoin(
        transaction, sa.and_(transaction.c.id == posting.c.transaction_id, posting.c.leg == 0)
    )
    .where(posting.c.transaction_id == sa.any_(IDS))
    .order_by(posting.c.transaction_id, posting.c.leg),
    ["ids"],
)
POSTINGS_OF = (
    sa.select(posting)
    .where(posting.c.transaction_id == sa.any_(IDS))
    .order_by(posting.c.transaction_id, posting.c.leg)
)


def _with_wallets(accounts: sa.Select[Any]) -> sa.Select[Any]:
    """Accounts with their wallets in one statement: one moment's books, also while somebody freezes them."""
    chosen = accounts.subquery("chosen")
    return (
        WALLETS.add_columns(*[column.label(f"own_{column.name}") for column in chosen.c])
        .join(chosen, chosen.c.id == wallet.c.account_id)
        .order_by(chosen.c.id.desc(), wallet.c.id)
    )


ACCOUNT = _with_wallets(sa.select(account).where(account.c.id == ID))


class PostgresQueries:
    """Ids are UUIDv7, so that "newest first" is the order of ids, which the primary keys serve.

    Transactions alone are in the order of their times: see transaction_search.py.
    """

    def __init__(
        self,
        engine: sa.Engine,
        looking_engine: sa.Engine,
        clock: Clock,
        waiting: Waiting = IN_THREADS,
    ) -> None:
        self._rows = Reader(engine, waiting).rows
        self._look_up = Looker(looking_engine, waiting).rows
        self._look_up_many = Looker(engine).rows
        self._clock = clock
        self._wallets = LookUps(self._wallets_by_id, waiting)
        self._transactions = LookUps(partial(_transactions_by_id, self._look_up), waiting)

    def account(self, account_id: UUID) -> AccountView:
        found = _account_views(self._rows(ACCOUNT, id=account_id, now=self._clock()))
        if not found:
            raise AccountNotFound(f"There is no account {account_id}.")
        return found[0]

    def accounts(
        self, *, reference: str | None, before: UUID | None, limit: int
    ) -> list[AccountView]:
        query = sa.select(account).order_by(account.c.id.desc()).limit(limit)
        if reference is not None:
            query = query.where(account.c.reference == reference)
        if before is not None:
            query = query.where(account.c.id < before)
        return _account_views(self._rows(_with_wallets(query), now=self._clock()))

    def wallet(self, wallet_id: UUID) -> WalletView:
        found = self._wallets.get(wallet_id)
        if found is None:
            raise WalletNotFound(f"There is no wallet {wallet_id}.", wallet_id=str(wallet_id))
        return found

    def wallets(
        self, *, account_id: UUID | None, before: UUID | None, limit: int
    ) -> list[WalletView]:
        query = WALLETS.order_by(wallet.c.id.desc()).limit(limit)
        if account_id is not None:
            query = query.where(wallet.c.account_id == account_id)
        if before is not None:
            query = query.where(wallet.c.id < before)
        return [wallet_view(row) for row in self._rows(query, now=self._clock())]

    def transaction(self, transaction_id: UUID) -> Transaction:
        found = self._transactions.get(transaction_id)
        if found is None:
            raise TransactionNotFound(f"There is no transaction {transaction_id}.")
        return found

    def _wallets_by_id(self, ids: Sequence[UUID]) -> dict[UUID, WalletView]:
        rows = self._look_up(WALLET_BY_ID, id_array(ids))
        views = {row.id: plain_wallet_view(row) for row in rows}
        held = [row.id for row in rows if row.held]
        if held:
            again = self._look_up(HELD_WALLET_BY_ID, id_array(held), self._clock())
            views |= {row.id: wallet_view(row) for row in again}
        return views

    def transactions_by_id(self, ids: Sequence[UUID]) -> dict[UUID, Transaction]:
        """As many as a batch has: look-ups in the loop do not wait for their connection meanwhile."""
        return _transactions_by_id(self._look_up_many, ids) if ids else {}

    def transactions(
        self, chosen: TransactionFilter, *, before: UUID | None, limit: int
    ) -> list[Transaction]:
        return self._with_postings(search(self._rows, chosen, before, limit))

    def reversals(
        self, transaction_id: UUID, *, before: UUID | None, limit: int
    ) -> list[Transaction]:
        chosen = TransactionFilter(reverses=transaction_id)
        return self._with_postings(search(self._rows, chosen, before, limit))

    def postings(
        self,
        wallet_id: UUID,
        *,
        from_time: datetime | None,
        to_time: datetime | None,
        type: str | None = None,
        before: int | None,
        limit: int,
    ) -> list[PostingView]:
        self.wallet(wallet_id)
        query = (
            sa.select(posting, transaction.c.type)
            .join(transaction, transaction.c.id == posting.c.transaction_id)
            .where(posting.c.wallet_id == wallet_id)
            .order_by(posting.c.wallet_version.desc())
            .limit(limit)
        )
        # Times become versions, in whose order the page is: no page walks through what is not in the window.
        if from_time is not None:
            query = query.where(posting.c.wallet_version > version_before(wallet_id, from_time))
        if to_time is not None:
            query = query.where(posting.c.wallet_version <= version_before(wallet_id, to_time))
        if type is not None:
            query = query.where(transaction.c.type == type)
        if before is not None:
            query = query.where(posting.c.wallet_version < before)
        return [_posting_view(row) for row in self._rows(query)]

    def _with_postings(self, transactions: Sequence[Row]) -> list[Transaction]:
        ids = [row.id for row in transactions]
        postings: dict[UUID, list[Posting]] = {id: [] for id in ids}
        for row in self._rows(POSTINGS_OF, ids=ids) if ids else ():
            postings[row.transaction_id].append(posting_from(row))
        return [transaction_from(row, tuple(postings[row.id])) for row in transactions]


def _transactions_by_id(
    look_up: Callable[..., list[Any]], ids: Sequence[UUID]
) -> dict[UUID, Transaction]:
    rows = look_up(TRANSACTION_BY_ID, id_array(ids))
    found: dict[UUID, Transaction] = {}
    begin = [number for number, row in enumerate(rows) if row.id is not None]
    for first, after in pairwise([*begin, len(rows)]):
        postings = tuple(map(posting_from, rows[first:after]))
        found[rows[first].id] = transaction_from(rows[first], postings)
    return found


def _account_views(rows: Sequence[Row]) -> list[AccountView]:
    """Of rows with a wallet each, those of one account together."""
    return [_account_view(list(own)) for _, own in groupby(rows, key=lambda row: row.own_id)]


def _account_view(rows: Sequence[Row]) -> AccountView:
    own = {column.name: rows[0]._mapping[f"own_{column.name}"] for column in account.c}
    return AccountView(**own, wallets=tuple(map(wallet_view, rows)))


def posting_from(row: Row) -> Posting:
    """A row of posting."""
    return Posting(
        wallet_id=row.wallet_id,
        amount=row.amount,
        currency=row.currency,
        balance_after=row.balance_after,
        wallet_version=row.wallet_version,
    )


def transaction_from(row: Row, postings: tuple[Posting, ...]) -> Transaction:
    """A row of transaction with its postings; `written_in` is the log's own business."""
    return Transaction(
        id=row.id,
        type=TransactionType(row.type),
        reference=row.reference,
        description=row.description,
        metadata=row.metadata,
        reverses=row.reverses,
        hold_id=row.hold_id,
        actor=row.actor,
        request_id=row.request_id,
        created_at=row.created_at,
        postings=postings,
        allocation=tuple(map(Part.from_json, row.allocation or ())),
        quote_id=row.quote_id,
    )


def _posting_view(row: Row) -> PostingView:
    return PostingView(
        transaction_id=row.transaction_id,
        type=row.type,
        wallet_id=row.wallet_id,
        amount=row.amount,
        currency=row.currency,
        balance_after=row.balance_after,
        wallet_version=row.wallet_version,
        created_at=row.created_at,
    )
