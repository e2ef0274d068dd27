"""The rows of the table, in its order; the places of rows to come are marked."""

from benchmarks.figure import Row
from benchmarks.rows.alone import ALONE
from benchmarks.rows.batches import ONE_PROCESS, TWO_PROCESSES
from benchmarks.rows.big_books import BIG_BOOKS
from benchmarks.rows.hot import HOT
from benchmarks.rows.reads import TRANSACTION, WALLET
from benchmarks.rows.replenishments import REPLENISHMENTS
from benchmarks.rows.transfers import UNIFORM_TRANSFERS
from benchmarks.rows.zipf import ZIPF

ROWS: tuple[Row, ...] = (
    UNIFORM_TRANSFERS,
    ZIPF,
    HOT,
    REPLENISHMENTS,
    # POST /v1/batches comes with that resource: 1,000 transfers each, 4 connections, 5 x pgbench.
    ONE_PROCESS,
    TWO_PROCESSES,
    BIG_BOOKS,
    WALLET,
    TRANSACTION,
    ALONE,
)
