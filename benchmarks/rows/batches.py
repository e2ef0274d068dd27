"""Batches through the service layer, without HTTP."""

from benchmarks import posters
from benchmarks.figure import Figure, Row
from benchmarks.measure import Measurement
from benchmarks.rows.yardstick import PGBENCH
from benchmarks.stage import Stage


def _row(processes: int) -> Row:
    def measure(stage: Stage, seconds: int) -> Measurement:
        return posters.measure(
            "benchmarks.batch_poster", stage.books["bench"], seconds, processes=processes
        )

    return Row(
        name=f"batches{processes}",
        title=f"batches of 1,000 without HTTP, {processes} process(es), vs pgbench",
        subject=Figure(
            name=f"batches, {processes} process(es)",
            measure=measure,
            prepare=lambda stage: stage.open_books("bench"),
        ),
        reference=PGBENCH,
        at_least=6.0,
        aim=10.0,
    )


ONE_PROCESS = _row(1)
TWO_PROCESSES = _row(2)
