"""`python -m benchmarks`: measure, print the table, verify the books."""

import sys
from pathlib import Path

import click

from benchmarks import machine, options, results, session, table, wrk
from benchmarks.options import Options
from benchmarks.rounds import Rounds
from benchmarks.rows import ROWS

NAMES = [row.name for row in ROWS]


def _row_names(context: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(NAMES)}")
    return names


@click.command()
@click.option("--quick", is_flag=True, help="One short round of each row.")
@click.option("--rows", default="", callback=_row_names, help=f"Some of: {', '.join(NAMES)}.")
@click.option("--rounds", type=click.IntRange(1, 20), help="Rounds of each row.")
@click.option("--seconds", type=click.IntRange(1, 600), help="Seconds of each measurement.")
@click.option("--wallets", type=click.IntRange(1000, 10_000_000), help="Wallets in the books.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Keep the databases there.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write raw results.")
def main(*, data_dir: Path | None, json_file: Path | None, **chosen: object) -> None:
    """Measure the service beside pgbench on one durable PostgreSQL; exit 1 when the books are wrong."""
    try:
        wrk.check_installed()
        good = run(options.choose(**chosen), data_dir, json_file)
    except RuntimeError as error:
        raise click.ClickException(str(error)) from error
    sys.exit(0 if good else 1)


def run(chosen: Options, data_dir: Path | None, json_file: Path | None) -> bool:
    """Whether the books add up and every row is valid."""
    with session.stage(chosen, data_dir) as stage:
        conditions = machine.conditions(stage.server_url, chosen, stage.places)
        rounds = Rounds(stage=stage, tell=click.echo)
        measured = [rounds.run(row) for row in ROWS if chosen.includes(row.name)]
        click.echo(table.render(conditions, measured))
        if json_file:
            results.write(json_file, conditions, measured)
        well = session.books_add_up(stage)
    return well and not any(result.problems() for result in measured)


if __name__ == "__main__":
    main()
