"""Single transfers over HTTP, all out of one wallet."""

from benchmarks import http_load
from benchmarks.figure import Row
from benchmarks.rows.transfers import UNIFORM

HOT = Row(
    name="hot",
    title="the same, one hot source wallet, vs uniform",
    subject=http_load.money("hot", "hot"),
    reference=UNIFORM,
    at_least=0.95,
    aim=1.0,
)
