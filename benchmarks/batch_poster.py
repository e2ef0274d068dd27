"""A process that posts transfers in batches, through the service layer without HTTP."""

from collections.abc import Callable

from benchmarks import commands, poster
from benchmarks.poster import Draw
from benchmarks.seed import BATCH, run_all
from entrypoints.config import Settings
from entrypoints.container import Container


def make(database_url: str, draw: Draw) -> Callable[[], int]:
    """Posts a batch; making its commands is part of the work."""
    runner = Container(settings=Settings(database_url=database_url)).batch_runner()

    def post() -> int:
        run_all(runner, [commands.transfer(*draw.transfer()) for _ in range(BATCH)])
        return BATCH

    return post


if __name__ == "__main__":
    poster.run(make)
