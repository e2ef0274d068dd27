"""A bare Flask view on the service's own server: what HTTP alone costs here."""

from flask import Flask
from granian.server import Server

from entrypoints import serve
from entrypoints.bridge import Bridge
from entrypoints.config import Settings
from entrypoints.gate import Gate
from entrypoints.greenlets import InGreenlets

PATH = "/v1/wallets/hello"
"""Of a short request, as the service's own are: see `entrypoints.bridge.is_short`."""


def create() -> Bridge:
    """One view that says hello, behind the service's own bridge."""
    app = Flask(__name__)

    @app.get(PATH)
    def hello() -> str:
        return "hello"

    gate = Gate(inside_max=Settings().threads)
    return Bridge(app.wsgi_app, app.wsgi_app, gate, InGreenlets(), body_seconds_max=20)


def main() -> None:
    """Serve it exactly as `entrypoints.serve` serves the service."""
    settings = Settings()
    Server(
        "benchmarks.hello:create",
        **serve.SERVED,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
    ).serve()


if __name__ == "__main__":
    main()
