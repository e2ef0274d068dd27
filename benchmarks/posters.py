"""Processes that post through the service layer or the database, started together."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.measure import Measurement
from benchmarks.processes import environment
from benchmarks.stage import Books

Poster = subprocess.Popen[str]


def measure(module: str, books: Books, seconds: int, *, processes: int = 1) -> Measurement:
    """Run that module in so many processes at once; what they posted must be in the books.

    A poster says a line when it is ready, begins when it is sent one, and then says what it did.
    """
    with ExitStack() as running:
        posters = [
            running.enter_context(_started(module, books, seconds)) for _ in range(processes)
        ]
        for poster in posters:
            _line(poster)
        before = books.transactions()
        for poster in posters:
            _say_go(poster)
        answers = [json.loads(_line(poster)) for poster in posters]
    posted = books.transactions() - before
    claimed = sum(answer["transfers"] for answer in answers)
    problem = f"{posted} transactions posted, {claimed} claimed"
    return Measurement(
        per_second=sum(answer["transfers"] / answer["seconds"] for answer in answers),
        p50_ms=None,
        problems=() if posted == claimed else (problem,),
    )


@contextmanager
def _started(module: str, books: Books, seconds: int) -> Iterator[Poster]:
    with subprocess.Popen(
        [sys.executable, "-m", module, str(books.wallet_ids), str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(DATABASE_URL=books.url),
    ) as poster:
        try:
            yield poster
        except BaseException:
            poster.kill()
            raise


def _line(poster: Poster) -> str:
    assert poster.stdout
    line = poster.stdout.readline()
    if not line:
        raise RuntimeError(f"a poster ended with status {poster.wait()}")
    return line


def _say_go(poster: Poster) -> None:
    assert poster.stdin
    poster.stdin.write("go\n")
    poster.stdin.flush()
