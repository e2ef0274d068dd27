"""`python -m benchmarks`: measure, print the table, verify the books."""

import sys
from pathlib import Path
from typing import Any

import click

from benchmarks import (
    machine,
    options,
    overload,
    overload_table,
    picture,
    profile_run,
    results,
    session,
    soak,
    table,
    wrk,
)
from benchmarks.rounds import Rounds
from benchmarks.rows import ROWS
from benchmarks.stage import Stage
from service_layer.audit import OperatorError

FILE = click.Path(path_type=Path)
NAMES = [row.name for row in ROWS]


def _row_names(context: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(NAMES)}")
    return names


@click.command()
@click.option("--quick", is_flag=True, help="One short round of each row.")
@click.option("--soak", is_flag=True, help="Ten minutes of load: does a worker's memory grow?")
@click.option("--overload", "drawing", type=FILE, help="Four times too much load, as that SVG.")
@click.option("--profile", type=FILE, help="Profile a worker into that file instead.")
@click.option("--rows", default="", callback=_row_names, help=f"Some of: {', '.join(NAMES)}.")
@click.option("--rounds", type=click.IntRange(1, 20), help="Rounds of each row.")
@click.option("--seconds", type=click.IntRange(1, 3600), help="Seconds of each measurement.")
@click.option("--wallets", type=click.IntRange(1000, 10_000_000), help="Wallets in the books.")
@click.option("--with-big-books/--without-big-books", "big_books", default=None)
@click.option("--data-dir", type=FILE, help="Keep the databases there for the next run.")
@click.option("--json", "json_file", type=FILE, help="Write raw results.")
def main(
    *,
    data_dir: Path | None,
    json_file: Path | None,
    profile: Path | None,
    drawing: Path | None,
    **chosen: Any,
) -> None:
    """Measure the service beside pgbench on one durable PostgreSQL; exit 1 when the books are wrong."""
    try:
        wrk.check_installed()
        if drawing:
            picture.check_installed()
        size = options.choose(overloaded=drawing is not None, **chosen)
        with session.stage(size, data_dir) as stage:
            if profile:
                good = _profile(stage, profile)
            elif chosen["soak"]:
                good = _soak(stage)
            elif drawing:
                good = _overload(stage, drawing)
            else:
                good = _measure(stage, json_file)
    except (RuntimeError, OperatorError) as error:
        raise click.ClickException(str(error)) from error
    sys.exit(0 if good else 1)


def _measure(stage: Stage, json_file: Path | None) -> bool:
    """Whether the books add up and every row is valid."""
    conditions = machine.conditions(stage)
    rounds = Rounds(stage=stage, tell=click.echo)
    measured = [rounds.run(row) for row in ROWS if stage.options.includes(row.name)]
    click.echo(table.render(conditions, measured))
    if json_file:
        results.write(json_file, conditions, measured)
    valid = not any(result.problems() for result in measured)
    return session.books_add_up(stage) and valid


def _profile(stage: Stage, file: Path) -> bool:
    measurement = profile_run.run(stage, file)
    click.echo(f"{measurement.per_second:,.0f} transfers/s before profiling; see {file}")
    return session.books_add_up(stage) and not measurement.problems


def _soak(stage: Stage) -> bool:
    click.echo(table.head(machine.conditions(stage)))
    good = soak.run(stage, click.echo)
    return session.books_add_up(stage) and good


def _overload(stage: Stage, drawing: Path) -> bool:
    conditions = machine.conditions(stage) | {"load": overload.describe(stage)}
    click.echo(table.head(conditions))
    curve = overload.run(stage, click.echo)
    click.echo(f"\n{overload_table.render(curve)}\n")
    picture.draw(drawing, curve, f"{conditions['machine']}, {conditions['date']}")
    return session.books_add_up(stage) and curve.is_good


if __name__ == "__main__":
    main()
