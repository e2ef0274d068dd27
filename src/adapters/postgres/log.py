"""Reads the log of numbered transactions."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from adapters.postgres.log_tables import transaction_number
from adapters.postgres.queries import posting_from, transaction_from
from adapters.postgres.reader import Reader
from adapters.postgres.tables import posting, transaction
from domain.errors import TransactionNotFound
from domain.seal import Numbered
from domain.transaction import Posting

NUMBER_OF = (
    sa.select(transaction_number.c.number)
    .select_from(transaction)
    .outerjoin(transaction_number, transaction_number.c.transaction_id == transaction.c.id)
    .where(transaction.c.id == sa.bindparam("id", type_=sa.Uuid))
)
AFTER = (
    sa.select(transaction_number.c.number, transaction)
    .join(transaction, transaction.c.id == transaction_number.c.transaction_id)
    .where(transaction_number.c.number > sa.bindparam("number"))
    .order_by(transaction_number.c.number)
    .limit(sa.bindparam("at_most"))
)
# By numbers: to name thousands of ids, then to read them back, would take longer than all the rest.
POSTINGS_BETWEEN = (
    sa.select(
        transaction_number.c.number,
        posting.c.wallet_id,
        posting.c.amount,
        posting.c.currency,
        posting.c.balance_after,
        posting.c.wallet_version,
    )
    .join(posting, posting.c.transaction_id == transaction_number.c.transaction_id)
    .where(transaction_number.c.number.between(sa.bindparam("first"), sa.bindparam("last")))
    .order_by(transaction_number.c.number, posting.c.leg)
)
Rows = Callable[..., Sequence[sa.Row[Any]]]


class PostgresLog:
    """By primary keys alone."""

    def __init__(self, engine: sa.Engine) -> None:
        self._rows = Reader(engine).rows

    def after(self, number: int, *, limit: int) -> list[Numbered]:
        return numbered_after(self._rows, number, limit)

    def number_of(self, transaction_id: UUID) -> int | None:
        found = self._rows(NUMBER_OF, id=transaction_id)
        if not found:
            raise TransactionNotFound(f"There is no transaction {transaction_id}.")
        number: int | None = found[0].number
        return number


def numbered_after(rows: Rows, number: int, limit: int) -> list[Numbered]:
    """The transactions with the numbers after this one, read with `rows`."""
    found = rows(AFTER, number=number, at_most=limit)
    if not found:
        return []
    of: defaultdict[int, list[Posting]] = defaultdict(list)
    for row in rows(POSTINGS_BETWEEN, first=found[0].number, last=found[-1].number):
        of[row.number].append(posting_from(row))
    return [
        Numbered(number=row.number, transaction=transaction_from(row, tuple(of[row.number])))
        for row in found
    ]
