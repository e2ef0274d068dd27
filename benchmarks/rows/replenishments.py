"""Replenishments of all wallets: the other side is always the external wallet."""

from benchmarks import http_load
from benchmarks.figure import Row
from benchmarks.rows.transfers import UNIFORM

REPLENISHMENTS = Row(
    name="replenishments",
    title="replenishments of all wallets, vs uniform",
    subject=http_load.money("replenishments", "replenish"),
    reference=UNIFORM,
    at_least=0.95,
    aim=1.1,
)
