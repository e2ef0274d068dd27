"""Uniform transfers with five million postings in the books, beside nearly empty books."""

from benchmarks import big_books, http_load
from benchmarks.figure import Figure, Row
from benchmarks.http_load import warm_service
from benchmarks.stage import Stage

_BIG = http_load.money("uniform, big books", "uniform", books="big")


def _open_big(stage: Stage) -> None:
    stage.open_books("big", big_books.prepare)
    warm_service(stage, "big")


BIG_BOOKS = Row(
    name="big",
    title="uniform with 5,000,000 postings, vs empty books",
    subject=Figure(name=_BIG.name, measure=_BIG.measure, prepare=_open_big),
    reference=http_load.money("uniform, empty books", "uniform", books="empty"),
    at_least=0.9,
    aim=1.0,
)
