"""The rows of the table, in its order; the places of rows to come are marked."""

from benchmarks.figure import Row
from benchmarks.rows.hot import HOT
from benchmarks.rows.replenishments import REPLENISHMENTS
from benchmarks.rows.transfers import UNIFORM_TRANSFERS
from benchmarks.rows.zipf import ZIPF

ROWS: tuple[Row, ...] = (UNIFORM_TRANSFERS, ZIPF, HOT, REPLENISHMENTS)
# POST /v1/batches comes with that resource: 1,000 transfers each over 4 connections, at least 5 x pgbench.
