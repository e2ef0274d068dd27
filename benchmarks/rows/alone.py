"""One client alone, beside the same work as one SQL statement after another."""

from benchmarks import http_load, posters
from benchmarks.figure import Figure, Row
from benchmarks.measure import Measurement
from benchmarks.stage import Stage


def _one_by_one(stage: Stage, seconds: int) -> Measurement:
    return posters.measure("benchmarks.one_by_one", stage.books["bench"], seconds)


ALONE = Row(
    name="alone",
    title="one client alone over HTTP, vs SQL statement by statement",
    subject=http_load.money("one client", "uniform", connections=1),
    reference=Figure(
        name="one by one",
        measure=_one_by_one,
        prepare=lambda stage: stage.open_books("bench"),
    ),
    at_least=1.0,
    aim=1.5,
)
