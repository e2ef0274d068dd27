"""Keeps the sealed log: blocks with their leaf hashes, the complete subtrees that proofs are made of."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.postgres.log_tables import seal, seal_subtree
from adapters.postgres.operator import for_operator
from adapters.postgres.reader import Reader
from domain.errors import SealNotFound
from domain.merkle import HASH_BYTES, Cover, Frontier, Node
from domain.seal import Seal, SealedBlock

ADVISORY_LOCK = 7_305_803_915_410_003

HEADER = (
    seal.c.block,
    seal.c.first_number,
    seal.c.tree_size,
    seal.c.sealed_at,
    seal.c.root,
    seal.c.previous_hash,
)
TIP = sa.select(*HEADER, seal.c.peaks).order_by(seal.c.block.desc()).limit(1)
SEAL_OVER = (
    sa.select(*HEADER)
    .where(seal.c.tree_size >= sa.bindparam("number"))
    .order_by(seal.c.tree_size)
    .limit(1)
)
SUBTREES = sa.text(
    """
    SELECT level, position, hash
    FROM unnest(:levels, :positions) AS wanted (level, position)
    JOIN seal_subtree USING (level, position)
    """
).bindparams(
    sa.bindparam("levels", type_=ARRAY(sa.SmallInteger)),
    sa.bindparam("positions", type_=ARRAY(sa.BigInteger)),
)
LEAVES = sa.text(
    """
    SELECT wanted.number,
           substring(leaves FROM (32 * (wanted.number - first_number))::int + 1 FOR 32) AS hash
    FROM unnest(:numbers) AS wanted (number)
    CROSS JOIN LATERAL (
        SELECT leaves, first_number FROM seal
        WHERE tree_size >= wanted.number ORDER BY tree_size LIMIT 1
    ) AS block
    """
).bindparams(sa.bindparam("numbers", type_=ARRAY(sa.BigInteger)))


class PostgresSeals:
    """Reads seals, and what proofs are made of."""

    def __init__(self, engine: sa.Engine) -> None:
        self._rows = Reader(engine).rows

    def seals(self, *, before: int | None, limit: int) -> list[Seal]:
        query = sa.select(*HEADER).order_by(seal.c.block.desc()).limit(limit)
        if before is not None:
            query = query.where(seal.c.block < before)
        return [seal_from(row) for row in self._rows(query)]

    def seal(self, block: int) -> Seal:
        found = self._rows(sa.select(*HEADER).where(seal.c.block == block))
        if not found:
            raise SealNotFound(f"There is no block {block}.")
        return seal_from(found[0])

    def seal_over(self, number: int) -> Seal | None:
        found = self._rows(SEAL_OVER, number=number)
        return seal_from(found[0]) if found else None

    def hashes(self, wanted: Cover) -> tuple[dict[Node, bytes], dict[int, bytes]]:
        nodes = self._rows(
            SUBTREES,
            levels=[node.level for node in wanted.nodes],
            positions=[node.position for node in wanted.nodes],
        )
        leaves = self._rows(LEAVES, numbers=[index + 1 for index in wanted.leaves])
        return (
            {Node(row.level, row.position): bytes(row.hash) for row in nodes},
            {row.number - 1: bytes(row.hash) for row in leaves},
        )


class PostgresSealing:
    """Appends blocks; the lock is of a session, so that it ends with the process that has it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @contextmanager
    def turn(self) -> Iterator[bool]:
        lock = {"lock": ADVISORY_LOCK}
        with for_operator(), self._engine.connect() as connection:
            mine = connection.execute(sa.text("SELECT pg_try_advisory_lock(:lock)"), lock).scalar()
            connection.commit()
            try:
                yield bool(mine)
            finally:
                if mine:
                    connection.execute(sa.text("SELECT pg_advisory_unlock(:lock)"), lock)
                    connection.commit()

    def tip(self) -> tuple[Seal | None, Frontier]:
        with for_operator(), self._engine.connect() as connection:
            row: Any = connection.execute(TIP).one_or_none()
        if row is None:
            return None, Frontier()
        last = seal_from(row)
        frontier = Frontier(size=last.tree_size, peaks=tuple(hashes_in(row.peaks)))
        if frontier.root != last.root:
            raise RuntimeError(f"the tree of block {last.block} is damaged")
        return last, frontier

    def append(self, block: SealedBlock) -> None:
        nodes = [
            {"level": node.level, "position": node.position, "hash": found}
            for node, found in block.nodes
        ]
        with for_operator(), self._engine.begin() as connection:
            connection.execute(sa.insert(seal).values(_row_of(block)))
            if nodes:
                connection.execute(sa.insert(seal_subtree), nodes)


def seal_from(row: sa.Row[Any]) -> Seal:
    """The header in a row of seal."""
    return Seal(
        block=row.block,
        first_number=row.first_number,
        tree_size=row.tree_size,
        root=bytes(row.root),
        previous_hash=bytes(row.previous_hash),
        sealed_at=row.sealed_at,
    )


def hashes_in(joined: bytes | memoryview) -> list[bytes]:
    """Hashes that are kept one behind the other."""
    whole = bytes(joined)
    return [whole[at : at + HASH_BYTES] for at in range(0, len(whole), HASH_BYTES)]


def _row_of(block: SealedBlock) -> dict[str, Any]:
    found = block.seal
    return {
        "block": found.block,
        "first_number": found.first_number,
        "tree_size": found.tree_size,
        "sealed_at": found.sealed_at,
        "root": found.root,
        "previous_hash": found.previous_hash,
        "hash": block.hash,
        "peaks": b"".join(block.frontier.peaks),
        "leaves": b"".join(block.leaves),
    }
