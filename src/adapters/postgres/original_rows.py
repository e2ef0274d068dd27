"""Originals of reversals from the rows of `read_originals`."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any
from uuid import UUID

from domain.reversal import Original
from domain.transaction import Posting, TransactionType

Row = tuple[Any, ...]


def originals_from_rows(rows: Iterable[Row]) -> dict[UUID, Original]:
    """By id; the rows of each stand together, its postings first."""
    by_id = groupby(rows, key=lambda row: row[0])
    return {id: _original(id, list(each)) for id, each in by_id}


def _original(id: UUID, rows: list[Row]) -> Original:
    return Original(
        id=id,
        type=TransactionType(rows[0][1]),
        postings=tuple(_posting(row) for row in rows if row[2] is not None),
        reversed={row[3]: row[4] for row in rows if row[2] is None},
    )


def _posting(row: Row) -> Posting:
    return Posting(wallet_id=row[3], amount=row[4], currency=row[5], wallet_version=row[6])
