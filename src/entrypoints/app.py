"""The application, made from settings: for servers, tests, or whoever embeds it."""

from flask import Flask

from entrypoints.config import Settings
from entrypoints.container import Container
from entrypoints.first_key import make_first_key
from entrypoints.http.trace import trace_requests
from service_layer.waiting import IN_THREADS, Waiting


def create_app(
    *,
    memory: bool | None = None,
    auth: bool | None = None,
    settings: Settings | None = None,
    waiting: Waiting = IN_THREADS,
) -> Flask:
    """A Flask application; `memory=True` keeps everything in this process and needs nothing else.

    `auth=False` asks nobody for an API key: for tests. In memory the setting `admin_key` is the first key.
    `waiting` is for servers whose requests are no threads.

    The container is at `app.extensions["payments"]`, for tests that look behind the HTTP API.
    """
    chosen = settings or Settings()
    if memory is not None:
        chosen = chosen.model_copy(update={"memory": memory})
    if auth is not None:
        chosen = chosen.model_copy(update={"auth": auth})
    if not chosen.memory and not chosen.database_url:
        raise ValueError("DATABASE_URL is not set; `payments serve` starts an embedded PostgreSQL")
    container = Container(settings=chosen, waiting=waiting)
    if chosen.memory and chosen.auth and chosen.admin_key:
        make_first_key(container, chosen.admin_key)
    app = container.app()
    tracer = container.tracing().tracer
    if tracer is not None:
        trace_requests(app, tracer)
    app.extensions["payments"] = container
    return app
