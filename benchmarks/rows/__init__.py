"""The rows of the table, in its order."""

from benchmarks.figure import Row
from benchmarks.rows.alone import ALONE
from benchmarks.rows.batches import ONE_PROCESS, TWO_PROCESSES
from benchmarks.rows.beside_batches import BESIDE_BATCHES
from benchmarks.rows.big_books import BIG_BOOKS
from benchmarks.rows.client_batches import CLIENT_BATCHES
from benchmarks.rows.hot import HOT
from benchmarks.rows.reads import AGAIN, TRANSACTION, WALLET
from benchmarks.rows.replenishments import REPLENISHMENTS
from benchmarks.rows.transfers import UNIFORM_TRANSFERS
from benchmarks.rows.zipf import ZIPF

ROWS: tuple[Row, ...] = (
    UNIFORM_TRANSFERS,
    ZIPF,
    HOT,
    REPLENISHMENTS,
    CLIENT_BATCHES,
    BESIDE_BATCHES,
    ONE_PROCESS,
    TWO_PROCESSES,
    BIG_BOOKS,
    WALLET,
    TRANSACTION,
    AGAIN,
    ALONE,
)
