"""One line for each request that was answered.

It does not go through Python's logging, which takes longer than all the rest of the request's accounting:
it is encoded once, and written with others.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from entrypoints.config import Settings
from entrypoints.http.watch import Seen
from entrypoints.logs import as_json

LOGGER = "payments.request"
Log = Callable[[Seen], None]


def request_log(settings: Settings, write: Callable[[bytes], Any]) -> Log | None:
    """Logs in the form that the settings ask for; None when they ask for nothing so detailed."""
    if settings.log_level not in ("debug", "info"):
        return None
    form = _json if as_json(settings) else _text

    def log(seen: Seen) -> None:
        write(form(seen))

    return log


def _json(seen: Seen) -> bytes:
    line: dict[str, Any] = {
        "timestamp": datetime.now(UTC),
        "level": "info",
        "logger": LOGGER,
        "event": "request",
        "request_id": seen.request_id,
        "method": seen.method,
        "route": seen.route,
        "status": int(seen.status),
        "duration_ms": round(seen.seconds * 1000, 3),
    }
    if seen.actor is not None:
        line["actor"] = seen.actor
    if seen.code is not None:
        line["code"] = seen.code
    return orjson.dumps(line, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)


def _text(seen: Seen) -> bytes:
    more = "".join(f" {it}" for it in (seen.code, seen.actor) if it is not None)
    return (
        f"{datetime.now(UTC):%H:%M:%S.%f} {seen.method:<7} {seen.route} {seen.status}"
        f" {seen.seconds * 1000:.1f} ms {seen.request_id}{more}\n"
    ).encode()
