"""The command line: each command turns settings with options into one operation."""

import ipaddress
import logging
import sys
from typing import IO, Any

import click

from domain.proof import ProofRefused
from domain.seal import Seal
from domain.times import rfc3339
from entrypoints import operations
from entrypoints.cli_in_and_out import demo, export, import_
from entrypoints.cli_keys import keys
from entrypoints.collector import collect_less_often
from entrypoints.command import explained, settings_of
from entrypoints.config import Settings
from entrypoints.progress import bar
from entrypoints.proof_file import check_proof, published_roots, root_of_option
from entrypoints.serve import address_of
from entrypoints.serve import serve as run_server
from service_layer.audit import OperatorError


@click.group()
@click.version_option(package_name="simple-payments")
def main() -> None:
    """A self-hosted payment service: accounts, wallets and transfers on a double-entry ledger."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)


@main.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on.  [default: 8000]")
@click.option("--workers", type=int, help="Processes that serve HTTP.  [default: 2]")
@click.option("--memory", is_flag=True, help="Keep everything in memory, lose it at the end.")
@click.option("--no-auth", is_flag=True, help="Ask nobody for an API key; only on loopback.")
def serve(memory: bool, no_auth: bool, **options: Any) -> None:
    """Serve the HTTP API; without DATABASE_URL on an embedded PostgreSQL."""
    given = {name: value for name, value in options.items() if value is not None}
    flags = ({"memory": True} if memory else {}) | ({"auth": False} if no_auth else {})
    settings = settings_of(**given, **flags)
    with explained():
        address = address_of(settings)
        _check_loopback(settings, address)
        run_server(settings, address)


@main.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    settings = settings_of()
    with explained():
        operations.migrate(settings)
    click.echo("The database is current.")


@main.command()
@click.option("--quick", is_flag=True, help="Do not hash each sealed transaction again.")
@click.option(
    "--published",
    multiple=True,
    metavar="BLOCK:ROOT",
    callback=published_roots,
    help="A root that was published, to be compared; may be given several times.",
)
def verify(quick: bool, published: dict[int, bytes]) -> None:
    """Check that all books add up; exit 1 when anything does not."""
    settings = settings_of()
    collect_less_often()
    with explained(), bar() as progress:
        report = operations.verify(settings, quick=quick, published=published, progress=progress)
    for finding in report.findings:
        click.echo(finding.sentence)
    click.echo(report.summary)
    sys.exit(1 if report.findings else 0)


@main.command()
@click.option(
    "--every", type=click.IntRange(1, 86_400), help="Again and again, so many seconds apart."
)
def seal(every: int | None) -> None:
    """Number what is committed and seal it into the log."""
    settings = settings_of()
    collect_less_often()
    count = 0
    with explained():
        for each in operations.seal(settings, every):
            count += each.tree_size - each.first_number + 1
            click.echo(_seal_line(each))
    click.echo(f"{count} transaction(s) sealed.")


@main.command()
def worker() -> None:
    """Number events and send webhooks until SIGTERM; several may run, on several machines."""
    settings = settings_of()
    with explained():
        operations.work(settings)


@main.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=10, show_default=True)
def seals(limit: int) -> None:
    """List the newest seals: their roots are there to be published."""
    settings = settings_of()
    with explained():
        found = operations.seals(settings, limit)
    for each in found:
        click.echo(_seal_line(each))


@main.command("verify-proof")
@click.argument("file", type=click.File("rb"))
@click.option("--root", callback=root_of_option, help="A published root, in hexadecimal.")
def verify_proof(file: IO[bytes], root: bytes | None) -> None:
    """Check a proof offline: FILE is the answer of GET /v1/transactions/{id}/proof, or - for stdin."""
    try:
        for sentence in check_proof(file, root):
            click.echo(sentence)
    except ProofRefused as error:
        raise click.ClickException(str(error)) from error


def _seal_line(seal: Seal) -> str:
    return (
        f"block {seal.block}  transactions {seal.first_number} to {seal.tree_size}"
        f"  {rfc3339(seal.sealed_at)}  root {seal.root.hex()}"
    )


@main.command("rebuild-balances")
def rebuild_balances() -> None:
    """Repair the wallets' balances from their postings."""
    settings = settings_of()
    with explained():
        repaired = operations.rebuild_balances(settings)
    click.echo(f"{repaired} wallet(s) repaired.")


@main.command("sweep-holds")
def sweep_holds() -> None:
    """Note which holds have expired; they count no longer from their instant on anyway."""
    settings = settings_of()
    with explained():
        swept = operations.sweep(settings)
    click.echo(f"{swept} expired hold(s) swept.")


def _check_loopback(settings: Settings, address: str) -> None:
    if settings.auth:
        return
    if not ipaddress.ip_address(address).is_loopback:
        raise OperatorError(
            f"Without API keys whoever reaches {address} could move money: --no-auth is for loopback"
            " only, such as --host 127.0.0.1."
        )
    click.echo(f"Nobody is asked for an API key: listening on {address} only.", err=True)


for command in (export, import_, demo, keys):
    main.add_command(command)
