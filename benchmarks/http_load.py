"""Figures of the service under wrk."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks import wrk
from benchmarks.figure import Figure
from benchmarks.measure import Measurement
from benchmarks.server import Server
from benchmarks.stage import Books, Stage
from benchmarks.wrk import Load, Result

SETTLE_SECONDS_MAX = 10.0
WARM_UP_SECONDS = 1


def money(
    name: str, script: str, *, connections: int = wrk.CONNECTIONS, books: str = "bench"
) -> Figure:
    """Requests that post a transaction each; what wrk saw is compared with what the books say."""

    def measure(stage: Stage, seconds: int) -> Measurement:
        opened = stage.books[books]
        load = Load(script=script, ids=opened.wallet_ids, seconds=seconds, connections=connections)
        before = opened.transactions()
        result = wrk.run(stage.service(opened).url, load)
        return _compared(result, settled(opened) - before, connections)

    return Figure(name=name, measure=measure, prepare=lambda stage: warm_service(stage, books))


def batches(name: str, *, size: int, connections: int) -> Figure:
    """POSTs of batches of so many transfers; counted are the transfers."""

    def measure(stage: Stage, seconds: int) -> Measurement:
        opened = stage.books["bench"]
        load = Load(
            script="batch",
            ids=opened.wallet_ids,
            seconds=seconds,
            connections=connections,
            batch=size,
        )
        before = opened.transactions()
        result = wrk.run(stage.service(opened).url, load)
        whole = replace(
            result,
            good=result.good * size,
            measurement=replace(
                result.measurement, per_second=result.measurement.per_second * size
            ),
        )
        return _compared(whole, settled(opened) - before, connections * size)

    return Figure(name=name, measure=measure, prepare=lambda stage: warm_service(stage, "bench"))


def reads(name: str, path: str, ids_of: Callable[[Books], Path]) -> Figure:
    """GETs of one path, by random id."""

    def measure(stage: Stage, seconds: int) -> Measurement:
        opened = stage.books["bench"]
        load = Load(script="read", ids=ids_of(opened), seconds=seconds, path=path)
        return wrk.run(stage.service(opened).url, load).measurement

    return Figure(name=name, measure=measure, prepare=lambda stage: warm_service(stage, "bench"))


def warm_service(stage: Stage, name: str) -> Server:
    """The service on those books, after its first requests."""
    opened = stage.open_books(name)
    is_new = name not in stage.servers
    server = stage.service(opened)
    if is_new:
        load = Load(script="uniform", ids=opened.wallet_ids, seconds=WARM_UP_SECONDS)
        wrk.run(server.url, load)
        settled(opened)
    return server


def settled(books: Books) -> int:
    """The number of transactions, once what was in flight at the end is posted."""
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    count = books.transactions()
    while time.monotonic() < deadline:
        time.sleep(0.2)
        before, count = count, books.transactions()
        if count == before:
            break
    return count


def _compared(result: Result, posted: int, connections: int) -> Measurement:
    """What is posted without an answer was in flight at the end: at most one for each connection."""
    unanswered = posted - result.good
    if 0 <= unanswered <= connections:
        return result.measurement
    problem = f"{posted} transactions posted, {result.good} good answers seen"
    return replace(result.measurement, problems=(*result.measurement.problems, problem))
