"""granian's server, which says that it is going to stop before it does."""

import signal
from threading import Timer
from typing import Any

import click
from granian.server import MPServer

from entrypoints.draining import draining


class DrainingServer(MPServer):
    """SIGTERM turns readiness red at once, and only stops what is told to stop a little later.

    Load balancers look in the meantime and go elsewhere. A second signal, or SIGINT (somebody at a
    terminal, who has no load balancer), stops at once.
    """

    unready_seconds: float = 0

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        number = args[0] if args else None
        if number != signal.SIGTERM or draining() or not self.unready_seconds:
            draining.set()
            super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call]
            return
        draining.set()
        click.echo(f"Not ready any more: stopping in {self.unready_seconds:g} s.", err=True)
        timer = Timer(self.unready_seconds, super().signal_handler_interrupt)
        timer.daemon = True
        timer.start()
