"""Each request has an id: the caller's own when it is sane, else a new one."""

import re
from typing import Any

from service_layer.ports import NewId

REQUEST_ID = "payments.request_id"
REQUEST_ID_LENGTH_MAX = 128
_SANE = re.compile(rf"[A-Za-z0-9._-]{{1,{REQUEST_ID_LENGTH_MAX}}}")


def set_request_id(environ: dict[str, Any], new_id: NewId) -> str:
    """Decide on the request's id before anything can go wrong with it."""
    sent = environ.get("HTTP_X_REQUEST_ID")
    request_id = sent if sent is not None and _SANE.fullmatch(sent) else new_id().hex
    environ[REQUEST_ID] = request_id
    return request_id
