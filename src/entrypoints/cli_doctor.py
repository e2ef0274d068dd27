"""The commands with which an operator looks at an installation."""

import sys

import click

from entrypoints.command import settings_of
from entrypoints.doctor import examine
from entrypoints.setting_names import settings_table
from service_layer.checkup import Level


@click.command()
def doctor() -> None:
    """Examine settings, database, clock, disk: what is wrong, what to do; exit 1 when it cannot serve."""
    failed = False
    for check in examine(settings_of()):
        failed = failed or check.level is Level.FAIL
        click.echo(check.line)
    sys.exit(1 if failed else 0)


@click.command("settings")
def show_settings() -> None:
    """List every setting as a table in Markdown: its variable, its default, what it means."""
    click.echo(settings_table())
