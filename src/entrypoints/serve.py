"""Serve HTTP with granian until SIGTERM or SIGINT; what is in flight is finished first."""

import os
import signal
from functools import partial

import click
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server import Server

from entrypoints.config import Settings
from entrypoints.operations import on_database
from service_layer.audit import OperatorError

DRAIN_SECONDS_MAX = 30
ENDING = (signal.SIGTERM, signal.SIGINT)
HEADER_BYTES_MAX = 32 * 1024


def serve(settings: Settings) -> None:
    """Start what the settings ask for and serve until told to stop."""
    if settings.memory:
        _memory_alone(settings)
        _run(settings)
        return
    with on_database(settings) as container:
        container.migration()
        # The workers are new processes that read their settings from the environment.
        os.environ["DATABASE_URL"] = str(container.settings().database_url)
        _run(settings)


def _hide_request_headers() -> None:
    """granian puts the process's environment into each request's: HTTP_ACCEPT there would be a header."""
    for name in [name for name in os.environ if name.startswith("HTTP_")]:
        del os.environ[name]


def _let_loading_workers_be_told() -> None:
    """A worker is forked with its parent's signal handlers, which would swallow a signal while it loads.

    So it gets the default ones, and a signal that comes during the fork waits until it has them.
    """

    def start_in_child() -> None:
        for told in ENDING:
            signal.signal(told, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    os.register_at_fork(
        before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, ENDING),
        after_in_parent=partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, ENDING),
        after_in_child=start_in_child,
    )


def _memory_alone(settings: Settings) -> None:
    if settings.workers > 1 and "workers" in settings.model_fields_set:
        raise OperatorError("--memory keeps one process's books: use --workers 1.")
    os.environ["PAYMENTS_MEMORY"] = "true"


def _run(settings: Settings) -> None:
    _hide_request_headers()
    _let_loading_workers_be_told()
    server = Server(
        "entrypoints.wsgi:create",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=1 if settings.memory else settings.workers,
        blocking_threads=settings.threads,
        workers_kill_timeout=DRAIN_SECONDS_MAX,
        respawn_failed_workers=True,
        websockets=False,
        http1_settings=HTTP1Settings(max_buffer_size=HEADER_BYTES_MAX),
        log_access=False,
    )
    click.echo(f"Serving on http://{settings.host}:{settings.port} (API: /docs)", err=True)
    server.serve()
