"""A bare Flask view on granian, through its WSGI interface, where Flask is usually served."""

from flask import Flask
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server import Server

from entrypoints import serve
from entrypoints.config import Settings


def create() -> Flask:
    """One view that says hello."""
    app = Flask(__name__)

    @app.get("/hello")
    def hello() -> str:
        return "hello"

    return app


def main() -> None:
    """Serve it with as many workers and threads as the service."""
    settings = Settings()
    Server(
        "benchmarks.hello:create",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        blocking_threads=settings.threads,
        websockets=False,
        http1_settings=HTTP1Settings(max_buffer_size=serve.HEADER_BYTES_MAX),
        log_access=False,
    ).serve()


if __name__ == "__main__":
    main()
