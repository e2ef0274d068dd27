"""The application as a worker process of the server loads it: `entrypoints.rsgi:create`."""

import os
from functools import partial
from multiprocessing.util import Finalize

from flask import Flask

from entrypoints.app import create_app
from entrypoints.bridge import Bridge
from entrypoints.collector import collect_less_often
from entrypoints.config import ADMIN_KEY, Settings
from entrypoints.container import Container
from entrypoints.greenlets import InGreenlets
from entrypoints.http.app import PaymentsApp
from entrypoints.http.local_hosts import local_hosts_alone
from entrypoints.line_writer import LineWriter
from entrypoints.logs import configure_logs
from entrypoints.metrics_sampler import sample_in_thread
from entrypoints.parent import end_with_parent
from entrypoints.request_log import request_log
from entrypoints.seal_loop import seal_in_thread
from entrypoints.worker import work_in_thread

STDERR = 2


def create() -> Bridge:
    """An application for one worker process, with the settings of the environment."""
    end_with_parent()
    settings = Settings()
    configure_logs(settings)
    waiting = InGreenlets()
    app = create_app(settings=settings, waiting=waiting)
    os.environ.pop(ADMIN_KEY, None)  # a server may put its environment into each request's
    if _can_share_loop(settings):
        app.extensions["payments"].wait_in_loop()
    _log_requests(app, settings)
    sample_in_thread(app.extensions["payments"])
    _work_on_books_in_memory(app.extensions["payments"])
    if not settings.auth:
        _answer_to_own_names(app)
    collect_less_often()
    return _bridge(app, settings, waiting)


def _can_share_loop(settings: Settings) -> bool:
    """Redis might keep the loop waiting, as might the one lock of books in memory."""
    return settings.redis_url is None and not settings.memory


def _answer_to_own_names(app: Flask) -> None:
    new_id = app.extensions["payments"].new_id()
    app.wsgi_app = local_hosts_alone(app.wsgi_app, new_id)  # type: ignore[assignment, method-assign]


def _bridge(app: Flask, settings: Settings, waiting: InGreenlets) -> Bridge:
    """Outermost: the address that it sees is the connection's, whatever a proxy says."""
    container = app.extensions["payments"]
    return Bridge(
        app.wsgi_app,
        container.overloaded(),
        container.gate(),
        waiting,
        body_seconds_max=settings.body_seconds,
        threads_alone=not _can_share_loop(settings),
    )


def _log_requests(app: Flask, settings: Settings) -> None:
    writer = LineWriter(partial(os.write, STDERR))
    log = request_log(settings, writer.add)
    if log is not None and isinstance(app, PaymentsApp):
        app.watch.log = log
        writer.write_in_thread()
        Finalize(None, writer.close, exitpriority=0)  # a forked process ends without atexit


def _work_on_books_in_memory(container: Container) -> None:
    """For those in a database there are processes beside the server."""
    settings = container.settings()
    if settings.memory and settings.seal_seconds:
        seal_in_thread(container.sealer(), settings.seal_seconds)
    if settings.memory and settings.webhook_worker:
        work_in_thread(container)
