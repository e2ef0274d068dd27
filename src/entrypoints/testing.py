"""pytest fixtures for other teams: the whole service in memory, for tests of code that uses it.

In your conftest.py: `pytest_plugins = ["entrypoints.testing"]`. Each test gets books of its own, empty, in
about a millisecond. Nobody needs an API key, except where a fixture's name says so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from entrypoints.app import create_app
from entrypoints.config import Settings
from entrypoints.container import Container


@pytest.fixture
def payments_app() -> Flask:
    """The application; `app.extensions["payments"]` is its container, whose providers can be overridden."""
    return create_app(memory=True, auth=False)


@pytest.fixture
def payments_client(payments_app: Flask) -> FlaskClient:
    """Calls the API without a network: `payments_client.post("/v1/accounts", json={"name": "Ada"})`."""
    return payments_app.test_client()


@pytest.fixture
def payments_url(payments_app: Flask) -> Iterator[str]:
    """The address of a real HTTP server on a free port, for code that brings its own HTTP client."""
    with serve_in_thread(payments_app) as url:
        yield url


@pytest.fixture
def payments_admin_key() -> str:
    """The secret of the admin key of `payments_app_with_keys`."""
    return str(Container.new_secret()())


@pytest.fixture
def payments_app_with_keys(payments_admin_key: str) -> Flask:
    """The application as it is in earnest: whoever has no API key is answered 401."""
    return create_app(settings=Settings(memory=True, auth=True, admin_key=payments_admin_key))


@contextmanager
def serve_in_thread(app: Flask) -> Iterator[str]:
    """Serve an application on a free port of this machine while the block runs; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
