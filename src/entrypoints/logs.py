"""What the service says while it runs: one line of JSON each, or text for people at a terminal.

All that goes through Python's logging comes here, other people's libraries included. Values of exceptions
are left out (see safe_traceback); what a request has said is never given to a log in the first place.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog
from flask import has_request_context, request

from entrypoints.config import Settings
from entrypoints.http.request_id import REQUEST_ID
from entrypoints.http.watch import ACTOR, ROUTE, note_route
from entrypoints.safe_traceback import as_lines, said_safely

OURS = ("payments", "entrypoints", "adapters", "service_layer")
# In a request these are added to whatever is said.
OF_REQUESTS = {"request_id": REQUEST_ID, "actor": ACTOR, "route": ROUTE}
GRANIAN: dict[str, Any] = {
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}
"""For the server, which would bring a handler of its own."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
Said = MutableMapping[str, Any]


def configure_logs(settings: Settings) -> None:
    """Once in each process, before anything is said; again does no harm."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(make_formatter(json=as_json(settings)))
    root = logging.getLogger()
    root.handlers = [handler]
    level = settings.log_level.upper()
    # The details of libraries are not ours to judge: at debug they may be anything.
    root.setLevel("INFO" if level == "DEBUG" else level)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    server = logging.getLogger("_granian")
    server.handlers, server.propagate = [], True


def as_json(settings: Settings) -> bool:
    """Whether lines are JSON."""
    if settings.log_format is None:
        return not sys.stderr.isatty()
    return settings.log_format == "json"


def make_formatter(*, json: bool) -> logging.Formatter:
    """Renders records of the standard library."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _add_request,
            said_safely,
            _render_json if json else _render_text,
        ],
    )


def _add_request(_logger: Any, _method: str, said: Said) -> Said:
    if has_request_context():
        note_route(request)
        environ = request.environ
        said.update({name: environ[key] for name, key in OF_REQUESTS.items() if key in environ})
    return said


def _render_json(_logger: Any, _method: str, said: Said) -> str:
    first = {name: said.pop(name) for name in ("timestamp", "level", "logger", "event")}
    return orjson.dumps(first | dict(said), default=str).decode()


def _render_text(_logger: Any, _method: str, said: Said) -> str:
    exception = said.pop("exception", [])
    first = [said.pop(name) for name in ("timestamp", "level", "logger", "event")]
    more = [f"{name}={value}" for name, value in said.items()]
    line = " ".join(_CONTROL.sub(_escaped, str(each)) for each in (*first, *more))
    return "\n".join([line, *as_lines(exception)])


def _escaped(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode()
