"""Shows on a terminal how far a long command has come."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from service_layer.audit import Progress


@contextmanager
def bar() -> Iterator[Progress]:
    """A bar on stderr for each part of the work; nothing where stderr is no terminal."""
    with ExitStack() as stack:
        bars: dict[str, Any] = {}

        def show(done: int, of: int, what: str) -> None:
            if what not in bars:
                stack.close()
                new = click.progressbar(
                    length=of,
                    label=what,
                    file=sys.stderr,
                    show_pos=True,
                    hidden=not sys.stderr.isatty(),
                )
                bars[what] = stack.enter_context(new)
            bars[what].update(done - bars[what].pos)

        yield show
