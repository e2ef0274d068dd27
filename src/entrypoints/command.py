"""What all commands have in common: settings to read, errors to explain."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from pydantic import ValidationError

from entrypoints.config import Settings
from entrypoints.setting_names import misspelt, variables
from service_layer.audit import OperatorError


def settings_of(**options: Any) -> Settings:
    """The settings of the environment, with the options of this command; wrong ones end it."""
    for name in misspelt(os.environ):
        click.echo(f"WARNING: {name} is not a setting and is ignored.", err=True)
    try:
        return Settings(**options)
    except ValidationError as error:
        for each in error.errors(include_input=False, include_url=False, include_context=False):
            # What is wrong with several together names them itself.
            named = [f"{_called(str(name))}: " for name in each["loc"][:1]]
            click.echo(f"{''.join(named)}{_plain(each['msg'])}.", err=True)
        sys.exit(2)


def _called(name: str) -> str:
    """How a setting is given: by its variable, or by an option of this command where it has one."""
    variable = variables().get(name, name)
    options = {each.name for each in click.get_current_context().command.params}
    return f"{variable} (--{name})" if name in options else variable


def _plain(message: str) -> str:
    """What pydantic says, without its jargon."""
    return message.removeprefix("Value error, ").replace("Input should", "must", 1)


@contextmanager
def explained() -> Iterator[None]:
    """Show what the operator can mend as one sentence."""
    try:
        yield
    except OperatorError as error:
        raise click.ClickException(str(error)) from error
