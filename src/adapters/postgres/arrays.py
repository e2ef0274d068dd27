"""PostgreSQL array literals: one text parameter carries a whole column of a batch.

The driver would write a list as ARRAY[…], whose every element is parsed as an expression of its own.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson


def plain_array(values: Iterable[object]) -> str:
    """Of numbers, times and codes: what needs no quotes inside an array."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def id_array(values: Iterable[UUID | None]) -> str:
    """Of uuids: PostgreSQL takes them without hyphens, and `hex` costs a third of `str`."""
    return "{" + ",".join(["NULL" if value is None else value.hex for value in values]) + "}"


def time_array(values: Iterable[datetime | None]) -> str:
    """Of times, most of which are the same in one batch: to write one takes longer than to find it again."""
    written: dict[datetime | None, str] = {None: "NULL"}
    texts = [written.get(value) or written.setdefault(value, str(value)) for value in values]
    return "{" + ",".join(texts) + "}"


def text_array(values: Iterable[str | None]) -> str:
    """Of any text."""
    return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"


def json_array(values: Iterable[Any]) -> str:
    """Of JSON documents; None is SQL's NULL."""
    texts = [None if value is None else orjson.dumps(value).decode() for value in values]
    return text_array(texts)


def bytes_array(values: Iterable[bytes]) -> str:
    """Of bytea."""
    return "{" + ",".join(['"\\\\x' + value.hex() + '"' for value in values]) + "}"


def _quoted(value: str) -> str:
    if "\\" not in value and '"' not in value:
        return f'"{value}"'
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
