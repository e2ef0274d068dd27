"""Reads the log of numbered transactions."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from adapters.postgres.log_tables import transaction_number
from adapters.postgres.queries import POSTINGS_OF, posting_from, transaction_from
from adapters.postgres.reader import Reader
from adapters.postgres.tables import transaction
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


class PostgresLog:
    """By primary keys alone."""

    def __init__(self, engine: sa.Engine) -> None:
        self._rows = Reader(engine).rows

    def after(self, number: int, *, limit: int) -> list[Numbered]:
        found = self._rows(AFTER, number=number, at_most=limit)
        ids = [row.id for row in found]
        return numbered_from(found, self._rows(POSTINGS_OF, ids=ids) if ids else ())

    def number_of(self, transaction_id: UUID) -> int | None:
        found = self._rows(NUMBER_OF, id=transaction_id)
        if not found:
            raise TransactionNotFound(f"There is no transaction {transaction_id}.")
        number: int | None = found[0].number
        return number


def numbered_from(
    transactions: Sequence[sa.Row[Any]], postings: Iterable[sa.Row[Any]]
) -> list[Numbered]:
    """Rows of transactions with their numbers, and of their postings in the order of the legs."""
    of: defaultdict[UUID, list[Posting]] = defaultdict(list)
    for row in postings:
        of[row.transaction_id].append(posting_from(row))
    return [
        Numbered(number=row.number, transaction=transaction_from(row, tuple(of[row.id])))
        for row in transactions
    ]
