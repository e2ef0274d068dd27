"""A whole run: the server, the rows, and the books verified after."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from benchmarks import machine
from benchmarks.options import Options, Places
from benchmarks.stage import Stage
from benchmarks.verify import verify
from entrypoints.config import Settings
from entrypoints.container import Container

# On a disk, by convention, where /tmp may be in memory.
TEMPORARY = Path("/var/tmp")  # noqa: S108 - a private folder below it


@contextmanager
def stage(options: Options, data_dir: Path | None) -> Iterator[Stage]:
    """A durable PostgreSQL of our own, in a folder that is kept, or removed at the end."""
    with ExitStack() as ending:
        places = _places(data_dir, ending)
        machine.refuse_memory_disk(places.data)
        container = Container(settings=Settings(data_dir=places.data))
        url = ending.enter_context(container.embedded_database())
        closing = ending.enter_context(ExitStack())
        yield Stage(server_url=url, options=options, places=places, closing=closing)


def books_add_up(stage: Stage) -> bool:
    """End the servers and verify all books that were loaded."""
    stage.closing.close()
    results = {name: verify(books) for name, books in stage.books.items()}
    for name, (_, text) in results.items():
        click.echo(f"payments verify ({name}): {text}")
    return all(well for well, _ in results.values())


def _places(data_dir: Path | None, ending: ExitStack) -> Places:
    work = ending.enter_context(tempfile.TemporaryDirectory(prefix="payments-bench-"))
    if data_dir is None:
        data_dir = Path(
            ending.enter_context(
                tempfile.TemporaryDirectory(prefix="payments-bench-", dir=TEMPORARY)
            )
        )
    return Places(data=data_dir, work=Path(work))
