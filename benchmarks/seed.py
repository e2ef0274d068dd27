"""Wallets with money in them, made through the service's own batch runner."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from benchmarks import commands, database
from domain.idempotency import Outcome
from entrypoints.config import Settings
from entrypoints.container import Container
from service_layer.command import Command
from service_layer.run_batch import BatchRunner

BATCH = 1_000
BALANCE_MINOR = 1_000_000_000_000
MIGRATIONS = Path(__file__).parents[1] / "migrations" / "versions"


def prepare(server_url: str, wallets: int) -> str:
    """Make the database of fresh books, unless an earlier run has done so; gives its name.

    The name carries the schema's hash: another schema means another seed. It is never run upon, only
    copied, so that every run begins with the same books.
    """
    name = f"payments_seed_{wallets}_{_schema_hash()}"
    if not database.exists(server_url, name):
        unfinished = f"{name}_unfinished"
        database.drop(server_url, unfinished)
        database.run(server_url, f"CREATE DATABASE {unfinished}")
        _fill(database.url_of(server_url, unfinished), wallets)
        database.run(server_url, f"ALTER DATABASE {unfinished} RENAME TO {name}")
    return name


def write_ids(url: str, query: str, file: Path) -> None:
    """Write ids for the load generator, one a line, in random order."""
    rows = database.ask(url, f"SELECT id FROM ({query}) AS chosen ORDER BY random()")
    file.write_text("".join(f"{row[0]}\n" for row in rows))


def _fill(url: str, wallets: int) -> None:
    container = Container(settings=Settings(database_url=url))
    container.migration()
    runner = container.batch_runner()
    try:
        for first in range(0, wallets, BATCH):
            numbers = range(first, min(first + BATCH, wallets))
            opened = [commands.open_account(number) for number in numbers]
            run_all(runner, opened)
            run_all(runner, [commands.replenish(each.wallet_id, BALANCE_MINOR) for each in opened])
    finally:
        container.posting_engine().dispose()


def run_all(runner: BatchRunner, batch: Sequence[Command]) -> None:
    """Run a batch of which nothing may be refused."""
    for result in runner.run(batch):
        if not isinstance(result, Outcome) or result.refused:
            raise RuntimeError(f"a seed was refused: {result!r}")


def _schema_hash() -> str:
    texts = [file.read_bytes() for file in sorted(MIGRATIONS.glob("*.py"))]
    return sha256(b"".join(texts)).hexdigest()[:8]
