"""Single transfers over HTTP, every wallet as likely as any other."""

from benchmarks import http_load
from benchmarks.figure import Row
from benchmarks.rows.yardstick import PGBENCH, PGBENCH_PREPARED

UNIFORM = http_load.money("uniform", "uniform")

UNIFORM_TRANSFERS = Row(
    name="uniform",
    title="transfers over HTTP, uniform wallets, vs pgbench",
    subject=UNIFORM,
    reference=PGBENCH,
    beside=PGBENCH_PREPARED,
    at_least=1.1,
    aim=2.0,
)
