"""The head of a request, from granian's interface (RSGI) to WSGI's."""

import io
import sys
from functools import lru_cache
from typing import Any

from granian.rsgi import Scope

Environ = dict[str, Any]
_NO_NAME = ""
_ALWAYS = {
    "SCRIPT_NAME": "",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}


def environ_of(scope: Scope) -> Environ:
    """The request's head as WSGI has it (PEP 3333): what was in bytes is text of latin-1."""
    path, query = scope.path, scope.query_string
    server, _, port = scope.server.rpartition(":")
    environ: Environ = {
        **_ALWAYS,
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": path if path.isascii() else path.encode().decode("latin-1"),
        "QUERY_STRING": query if query.isascii() else query.encode().decode("latin-1"),
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(),
    }
    for header, value in scope.headers.items():
        name = _name_of(header)
        environ[name] = f"{environ[name]},{value}" if name in environ else value
    environ.pop(_NO_NAME, None)
    return environ


def brief_environ_of(scope: Scope) -> Environ:
    """As much as a refusal needs, in a tenth of the time."""
    environ: Environ = {"REQUEST_METHOD": scope.method}
    request_id: str | None = scope.headers.get("x-request-id")
    if request_id is not None:
        environ["HTTP_X_REQUEST_ID"] = request_id
    return environ


@lru_cache(maxsize=256)
def _name_of(header: str) -> str:
    if "_" in header:
        return _NO_NAME  # it would pass for the one with hyphens
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
