"""Lists of transactions on PostgreSQL: newest first by their time, each combination of filters on an index.

* Neither wallet nor account: transaction alone, in the order of an index on time, or from the few rows
  that an index on reference, hold, original or metadata finds.
* Wallets with few postings, or nothing else to filter by: along the postings of each wallet, in the order of
  their times, until the page is full.
* Wallets with very many postings and a further filter: as without wallets, looking up for each row whether
  it has a posting on one of them.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.postgres.tables import posting, transaction, wallet
from service_layer.transaction_filter import TransactionFilter

WALKED_POSTINGS_MAX = 10_000
"""How many postings are walked through at most for transactions that fit a further filter (about 30 ms)."""

Condition = sa.ColumnElement[bool]
Page = sa.Select[Any]
Row = sa.Row[Any]
PLACE = sa.select(transaction.c.id, transaction.c.created_at).where(
    transaction.c.id == sa.bindparam("id", type_=sa.Uuid)
)
NEWEST_FIRST = (transaction.c.created_at.desc(), transaction.c.id.desc())


def search(
    rows: Callable[..., Sequence[Row]], chosen: TransactionFilter, before: UUID | None, limit: int
) -> Sequence[Row]:
    """The rows of transaction in one page, read with `rows`; `before` is the last one already seen."""
    named, after = _wallets_named(chosen), None
    wallets = None if named is None else rows(named)
    if before is not None:
        after = next(iter(rows(PLACE, id=before)), None)
    if (named is not None and not wallets) or (before is not None and after is None):
        return []
    return rows(_page_of(chosen, wallets, after, limit))


def _wallets_named(chosen: TransactionFilter) -> sa.Select[Any] | None:
    """The customers' wallets that a filter is about, with how many postings each has; None for all."""
    if chosen.wallet_id is None and chosen.account_id is None:
        return None
    query = sa.select(wallet.c.id, wallet.c.wallet_version).where(wallet.c.account_id.is_not(None))
    if chosen.wallet_id is not None:
        query = query.where(wallet.c.id == chosen.wallet_id)
    if chosen.account_id is not None:
        query = query.where(wallet.c.account_id == chosen.account_id)
    return query


def _page_of(
    chosen: TransactionFilter, wallets: Sequence[Row] | None, after: Row | None, limit: int
) -> Page:
    """The rows of one page; `after` has id and time of the last transaction already seen."""
    if wallets is None:
        return _straight(chosen, after, limit)
    ids = [row.id for row in wallets]
    if _is_walked(chosen, sum(row.wallet_version for row in wallets)):
        return _walk(chosen, ids, after, limit)
    touches = sa.exists().where(
        posting.c.transaction_id == transaction.c.id, posting.c.wallet_id == sa.any_(_ids(ids))
    )
    return _straight(chosen, after, limit).where(touches)


def _is_walked(chosen: TransactionFilter, postings: int) -> bool:
    if chosen.reference is not None or chosen.hold_id is not None:
        return False  # a row or a few
    return postings <= WALKED_POSTINGS_MAX or (chosen.type is None and not chosen.metadata)


def _straight(chosen: TransactionFilter, after: Row | None, limit: int) -> Page:
    query = sa.select(transaction).where(*_of_transaction(chosen), *_of_time(chosen, transaction))
    if after is not None:
        query = query.where(
            sa.tuple_(transaction.c.created_at, transaction.c.id)
            < sa.tuple_(sa.literal(after.created_at), sa.literal(after.id))
        )
    return query.order_by(*NEWEST_FIRST).limit(limit)


def _walk(chosen: TransactionFilter, ids: list[UUID], after: Row | None, limit: int) -> Page:
    """A page along each wallet's postings, of which the newest are one page; two may share a transaction."""
    own = sa.func.unnest(_ids(ids)).table_valued("id", name="own").render_derived()
    along = (
        sa.select(posting.c.created_at, posting.c.transaction_id)
        .where(posting.c.wallet_id == own.c.id, _last_of_its_transaction())
        .where(*_of_time(chosen, posting))
        # As posting_wallet_id_created_at_idx has them: the page is full after as many entries, whoever it is.
        .order_by(posting.c.created_at.desc(), posting.c.wallet_version.desc())
        .limit(limit)
    )
    further = _of_transaction(chosen)
    if further:
        along = along.join(transaction, transaction.c.id == posting.c.transaction_id)
        along = along.where(*further)
    if after is not None:
        seen = sa.tuple_(sa.literal(after.created_at), sa.literal(after.id))
        along = along.where(
            posting.c.created_at <= after.created_at,
            sa.tuple_(posting.c.created_at, posting.c.transaction_id) < seen,
        )
    found = along.lateral("found")
    page = (
        sa.select(found.c.created_at, found.c.transaction_id)
        .select_from(own.join(found, sa.true()))
        .distinct()
        .order_by(found.c.created_at.desc(), found.c.transaction_id.desc())
        .limit(limit)
        .subquery("page")
    )
    return (
        sa.select(transaction)
        .join(page, page.c.transaction_id == transaction.c.id)
        .order_by(*NEWEST_FIRST)
    )


def _last_of_its_transaction() -> Condition:
    """A wallet's several legs in one transaction are numbered one after another.

    A scalar, which is looked up for each row: for NOT EXISTS the planner may read the whole wallet.
    """
    following = posting.alias("following")
    next_transaction = (
        sa.select(following.c.transaction_id)
        .where(
            following.c.wallet_id == posting.c.wallet_id,
            following.c.wallet_version == posting.c.wallet_version + 1,
        )
        .scalar_subquery()
    )
    return posting.c.transaction_id.is_distinct_from(next_transaction)


def _ids(ids: list[UUID]) -> sa.ColumnElement[Any]:
    return sa.cast(sa.literal(ids, ARRAY(sa.Uuid)), ARRAY(sa.Uuid))


def _of_transaction(chosen: TransactionFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if chosen.type is not None:
        conditions.append(transaction.c.type == chosen.type)
    if chosen.reference is not None:
        conditions.append(transaction.c.reference == chosen.reference)
    if chosen.hold_id is not None:
        conditions.append(transaction.c.hold_id == chosen.hold_id)
    if chosen.reverses is not None:
        conditions.append(transaction.c.reverses == chosen.reverses)
    if chosen.metadata:
        # The second says to the planner that the index, which leaves the empty ones out, has all of these.
        conditions.append(transaction.c.metadata.contains(dict(chosen.metadata)))
        conditions.append(transaction.c.metadata != sa.text("'{}'::jsonb"))
    return conditions


def _of_time(chosen: TransactionFilter, table: sa.Table) -> list[Condition]:
    """A posting has the time of its transaction."""
    conditions: list[Condition] = []
    if chosen.from_time is not None:
        conditions.append(table.c.created_at >= chosen.from_time)
    if chosen.to_time is not None:
        conditions.append(table.c.created_at < chosen.to_time)
    return conditions
