"""Tells of an exception without its values.

What an exception says may be anything: a database quotes the whole row that it refuses, names included. So
only its class is told, with where it came from, and what the database's own codes are.
"""

import os
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

from structlog.tracebacks import Frame, extract

FRAMES_MAX = 30
PATH_PARTS_MAX = 3


def said_safely(
    _logger: Any, _method: str, said: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A processor: `exc_info` becomes `exception`, the newest first, each with the one that it came from."""
    exc_info = said.pop("exc_info", None)
    said.pop("stack_info", None)
    if not exc_info or exc_info[1] is None:
        return said
    stacks = extract(*exc_info, show_locals=False).stacks
    said["exception"] = [
        {"type": stack.exc_type, "frames": [_where(frame) for frame in stack.frames[-FRAMES_MAX:]]}
        for stack in stacks
    ]
    said.update(_codes(exc_info[1]))
    return said


def as_lines(exception: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The same for people."""
    for each in exception:
        yield f"    {each['type']}"
        yield from (f"        {frame}" for frame in each["frames"])


def _where(frame: Frame) -> str:
    parts = frame.filename.split(os.sep)[-PATH_PARTS_MAX:]
    return f"{'/'.join(parts)}:{frame.lineno} {frame.name}"


def _codes(error: BaseException | None) -> dict[str, str]:
    """The SQLSTATE and the constraint, where the driver's error is among those that led here."""
    seen = 0
    while error is not None and seen < FRAMES_MAX:
        state = getattr(error, "pgcode", None)
        if state:
            constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
            return {"sqlstate": state} | ({"constraint": constraint} if constraint else {})
        error, seen = error.__cause__ or error.__context__, seen + 1
    return {}
