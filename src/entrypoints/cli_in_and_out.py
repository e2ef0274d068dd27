"""The commands with which books leave, come in, or are filled to be looked at."""

from pathlib import Path
from typing import BinaryIO

import click

from entrypoints import in_and_out
from entrypoints.collector import collect_less_often
from entrypoints.command import explained, settings_of
from entrypoints.progress import bar


@click.command()
@click.option(
    "--format",
    type=click.Choice(in_and_out.FORMAT_NAMES),
    default=in_and_out.NDJSON,
    show_default=True,
    help="ndjson is whole and can be imported; the others are for accounting programs.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file, which is there whole or not at all.  [default: stdout]",
)
def export(format: str, output: Path | None) -> None:
    """Write the whole ledger as it is at one moment, while payments go on."""
    settings = settings_of()
    collect_less_often()
    with explained(), bar() as progress:
        in_and_out.export(settings, format, output, progress)


@click.command("import")
@click.argument("file", type=click.File("rb"))
def import_(file: BinaryIO) -> None:
    """Put an ndjson export into an empty database: FILE, or - for stdin."""
    settings = settings_of()
    collect_less_often()
    with explained(), bar() as progress:
        report = in_and_out.import_books(settings, file, progress)
    click.echo(report.summary)


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="Another one, another story.")
@click.option("--weeks", type=click.IntRange(1, 52), default=6, show_default=True)
@click.option("--anyway", is_flag=True, help="Also where there are customers already.")
def demo(seed: int, weeks: int, anyway: bool) -> None:
    """Fill empty books with some weeks of a small marketplace, to look at."""
    settings = settings_of()
    with explained(), bar() as progress:
        for line in in_and_out.demo(
            settings, seed=seed, weeks=weeks, anyway=anyway, progress=progress
        ):
            click.echo(line)
