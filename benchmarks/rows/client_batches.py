"""Batches over HTTP, as clients make them."""

from benchmarks import http_load
from benchmarks.figure import Row
from benchmarks.rows.yardstick import PGBENCH

CLIENT_BATCHES = Row(
    name="client-batches",
    title="POST /v1/batches of 1,000 transfers, 4 connections, vs pgbench",
    subject=http_load.batches("client batches", size=1000, connections=4),
    reference=PGBENCH,
    at_least=5.0,
    aim=8.0,
)
