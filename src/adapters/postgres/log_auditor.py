"""The audit of the sealed log in PostgreSQL."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from adapters.postgres.log import numbered_after
from adapters.postgres.log_tables import seal, seal_subtree
from adapters.postgres.seals import HEADER, hashes_in, seal_from
from domain.integrity import Finding, capped
from domain.log_check import LogCheck
from domain.merkle import Node
from domain.seal import Numbered, StoredBlock
from service_layer.audit import Progress

LOG_RULES: dict[str, str] = {
    "number-gap": """
        SELECT 'number ' || number, format('Number %s follows number %s.', number, number_before)
        FROM (SELECT number, lag(number, 1, 0::bigint) OVER (ORDER BY number) AS number_before
              FROM transaction_number) AS each
        WHERE number <> number_before + 1
    """,
    "number-orphan": """
        SELECT 'number ' || n.number,
               format('Number %s is of transaction %s, which does not exist.',
                      n.number, n.transaction_id)
        FROM transaction_number n LEFT JOIN transaction t ON t.id = n.transaction_id
        WHERE t.id IS NULL
    """,
    # What the sequencer has seen, it must have numbered.
    "unnumbered": """
        SELECT 'transaction ' || t.id,
               format('The transaction %s has no number, though the sequencer has passed it.', t.id)
        FROM transaction t, sequencer s
        WHERE pg_visible_in_snapshot(t.written_in::text::xid8, s.snapshot::pg_snapshot)
          AND NOT EXISTS (SELECT FROM transaction_number n WHERE n.transaction_id = t.id)
    """,
}
BLOCK = sa.select(*HEADER, seal.c.hash, seal.c.leaves).where(seal.c.block == sa.bindparam("id"))


def check_log(
    connection: sa.Connection, *, quick: bool, progress: Progress
) -> tuple[int, list[Finding]]:
    """How many transactions are sealed, and what is wrong with their seals; block by block."""
    subtrees = connection.execute(sa.select(seal_subtree))
    check = LogCheck({Node(row.level, row.position): bytes(row.hash) for row in subtrees})
    blocks = connection.execute(sa.select(seal.c.block).order_by(seal.c.block)).scalars().all()

    def findings() -> Iterator[Finding]:
        for done, block in enumerate(blocks, start=1):
            row: Any = connection.execute(BLOCK, {"id": block}).one()
            yield from check.block(_stored(row), None if quick else _numbered(connection, row))
            progress(done, len(blocks), "blocks")
        yield from check.end()

    found = list(capped(findings()))
    return check.sealed, found


def _stored(row: sa.Row[Any]) -> StoredBlock:
    return StoredBlock(
        seal=seal_from(row), hash=bytes(row.hash), leaves=tuple(hashes_in(row.leaves))
    )


def _numbered(connection: sa.Connection, block: sa.Row[Any]) -> list[Numbered]:
    """The transactions that have the numbers of the block now."""

    def rows(query: sa.Executable, **values: Any) -> Sequence[sa.Row[Any]]:
        return connection.execute(query, values).all()

    return numbered_after(rows, block.first_number - 1, len(block.leaves) // 32)
