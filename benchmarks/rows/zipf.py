"""Single transfers over HTTP, the wallets chosen by Zipf's law (s = 1.0)."""

from benchmarks import http_load
from benchmarks.figure import Row
from benchmarks.rows.yardstick import PGBENCH

ZIPF = Row(
    name="zipf",
    title="the same, Zipf-distributed wallets, vs pgbench",
    subject=http_load.money("zipf", "zipf"),
    reference=PGBENCH,
    at_least=1.0,
    aim=2.0,
)
