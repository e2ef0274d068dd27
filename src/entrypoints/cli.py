"""The command line: `payments serve`, `migrate`, `verify`, `rebuild-balances`."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from pydantic import ValidationError

from entrypoints import operations
from entrypoints.config import Settings
from entrypoints.serve import serve as run_server
from service_layer.audit import OperatorError

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


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
@click.option("--no-auth", is_flag=True, help="Accepted for later: there are no API keys yet.")
def serve(no_auth: bool, **options: Any) -> None:
    """Serve the HTTP API; without DATABASE_URL on an embedded PostgreSQL."""
    settings = _settings(**{name: value for name, value in options.items() if value})
    if settings.host not in LOOPBACK:
        click.echo(
            f"WARNING: listening on {settings.host}: there are no API keys yet, so that whoever"
            " reaches this port can move money.",
            err=True,
        )
    else:
        click.echo(f"No API keys yet: listening on {settings.host} only.", err=True)
    with _explained():
        run_server(settings)


@main.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    settings = _settings()
    with _explained():
        operations.migrate(settings)
    click.echo("The database is current.")


@main.command()
def verify() -> None:
    """Check that all books add up; exit 1 when anything does not."""
    settings = _settings()
    with _explained():
        report = operations.verify(settings)
    for finding in report.findings:
        click.echo(finding.sentence)
    click.echo(report.summary)
    sys.exit(1 if report.findings else 0)


@main.command("rebuild-balances")
def rebuild_balances() -> None:
    """Repair the wallets' balances from their postings."""
    settings = _settings()
    with _explained():
        repaired = operations.rebuild_balances(settings)
    click.echo(f"{repaired} wallet(s) repaired.")


def _settings(**options: Any) -> Settings:
    try:
        return Settings(**options)
    except ValidationError as error:
        for each in error.errors():
            name = ".".join(str(part) for part in each["loc"])
            click.echo(f"setting {name}: {each['msg']}", err=True)
        sys.exit(2)


@contextmanager
def _explained() -> Iterator[None]:
    """Show what the operator can mend as one sentence; PAYMENTS_TRACEBACK=1 shows all."""
    try:
        yield
    except OperatorError as error:
        if os.environ.get("PAYMENTS_TRACEBACK"):
            raise
        raise click.ClickException(str(error)) from error
