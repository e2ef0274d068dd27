"""Serve HTTP with granian until SIGTERM or SIGINT; what is in flight is finished first."""

import logging
import os
import signal
import socket
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

from granian.constants import HTTPModes, Interfaces, Loops, TaskImpl
from granian.http import HTTP1Settings
from granian.log import LogLevels

from entrypoints.beside import processes_beside
from entrypoints.bridge import CONNECTIONS_MAX
from entrypoints.config import ADMIN_KEY, PREFIX, Settings
from entrypoints.container import Container
from entrypoints.first_key import make_first_key, show
from entrypoints.logs import GRANIAN, configure_logs
from entrypoints.metrics_folder import metrics_folder
from entrypoints.operations import check_rates, on_database
from entrypoints.revival import revived
from entrypoints.server import DrainingServer
from entrypoints.setting_names import variables
from service_layer.audit import OperatorError

HEADER_SECONDS_MAX = 10
ENDING = (signal.SIGTERM, signal.SIGINT)
HEADER_BYTES_MAX = 32 * 1024
SERVED: dict[str, Any] = {
    "factory": True,
    "interface": Interfaces.RSGI,
    "loop": Loops.uvloop,
    "task_impl": TaskImpl.asyncio,  # whose tasks can be cancelled when a body is overdue
    "backpressure": CONNECTIONS_MAX,
    "http": HTTPModes.http1,  # one connection, one request at a time
    "http1_settings": HTTP1Settings(
        max_buffer_size=HEADER_BYTES_MAX, header_read_timeout=HEADER_SECONDS_MAX * 1000
    ),
    "websockets": False,
    "log_access": False,
}
"""How granian serves, for whoever does it likewise (benchmarks/hello.py)."""
METRICS_DIR = f"{PREFIX}METRICS_DIR"
log = logging.getLogger(__name__)


def address_of(settings: Settings) -> str:
    """The numeric address to listen on; OperatorError when nobody can listen there now."""
    family, address = _resolved(settings)
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: connections that have just ended do not count as users of the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, settings.port))
        except OSError as error:
            raise OperatorError(
                f"Cannot listen on port {settings.port} of {settings.host}"
                f" ({(error.strerror or str(error)).lower()}): choose others with --host and --port."
            ) from error
    return address


def serve(settings: Settings, address: str) -> None:
    """Start what the settings ask for and serve on that numeric address until told to stop."""
    configure_logs(settings)
    _tell_workers(settings)
    check_rates(settings)
    if settings.memory:
        _memory_alone(settings)
        _bring_key_to_memory(settings)
        _run(settings, address)
        return
    with on_database(settings) as container:
        container.migration()
        _bring_key(container)
        # The workers are new processes that read their settings from the environment; none is told
        # the password of the tables' owner.
        os.environ["DATABASE_URL"] = str(container.settings().database_url)
        os.environ.pop(variables()["migration_url"], None)
        with (
            _database_revived(settings, container),
            metrics_folder(settings) as folder,
            processes_beside(settings),
        ):
            os.environ[METRICS_DIR] = str(folder)
            _run(settings, address)


def _database_revived(settings: Settings, container: Container) -> AbstractContextManager[None]:
    """The embedded one; whoever gave us another looks after it."""
    if settings.database_url:
        return nullcontext()
    url = str(container.settings().database_url)
    return revived(url, container.embedded_database)


def _bring_key(container: Container) -> None:
    """The workers have no use for the admin key, so that it is not left in their environment."""
    settings = container.settings()
    os.environ.pop(ADMIN_KEY, None)
    made = make_first_key(container, settings.admin_key) if settings.auth else None
    container.posting_engine().dispose()
    container.reading_engine().dispose()
    if made:
        show(made)


def _bring_key_to_memory(settings: Settings) -> None:
    """The books are in the worker, which makes the key there, again when it has to start again."""
    if settings.auth and settings.admin_key is None:
        made = Container.new_secret()()
        os.environ[ADMIN_KEY] = made
        show(made)


def _resolved(settings: Settings) -> tuple[int, str]:
    """The socket family and the first address of the host, IPv4 before IPv6."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OperatorError(
            f"The host {settings.host!r} is not known here: choose an address with --host."
        ) from error
    family, _, _, _, where = min(found, key=lambda each: each[0] != socket.AF_INET)
    return family, str(where[0])


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
    os.environ.pop(METRICS_DIR, None)  # there is nobody to share with


def _tell_workers(settings: Settings) -> None:
    """They read the environment alone: what an option has overruled there may not even be valid."""
    for name in ("host", "port", "workers", "auth"):
        os.environ[f"{PREFIX}{name.upper()}"] = str(getattr(settings, name))


def _run(settings: Settings, address: str) -> None:
    _hide_request_headers()
    _let_loading_workers_be_told()
    server = DrainingServer(
        "entrypoints.rsgi:create",
        **SERVED,
        address=address,
        port=settings.port,
        workers=1 if settings.memory else settings.workers,
        workers_kill_timeout=settings.drain_seconds,
        respawn_failed_workers=True,
        log_level=LogLevels(settings.log_level),
        log_dictconfig=GRANIAN,
    )
    server.unready_seconds = settings.unready_seconds
    host = f"[{address}]" if ":" in address else address
    log.info("Serving on http://%s:%d (API: /docs)", host, settings.port)
    server.serve()
