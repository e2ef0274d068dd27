"""Keyset pages: an opaque cursor says after which item the next page begins."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import request
from marshmallow import Schema, ValidationError, fields

from entrypoints.http.answers import Answer, json_answer
from entrypoints.http.cursors import opened, signed
from entrypoints.http.fields import AnswerSchema, RequestSchema, uuid_or_none
from entrypoints.http.request_errors import InvalidCursor

PAGE_SIZE_DEFAULT = 25
PAGE_SIZE_MAX = 100


class PageSize(fields.Integer):
    """A query parameter, so it arrives as text."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        digits = value if isinstance(value, str) and value.isascii() and value.isdigit() else ""
        if not digits or len(digits) > 3 or not 1 <= int(digits) <= PAGE_SIZE_MAX:
            raise ValidationError(f"Must be an integer from 1 to {PAGE_SIZE_MAX}.")
        return int(digits)


class PageQuery(RequestSchema):
    """What every list takes."""

    limit = PageSize(
        load_default=PAGE_SIZE_DEFAULT,
        metadata={
            "description": "How many items a page has at most.",
            "minimum": 1,
            "maximum": PAGE_SIZE_MAX,
        },
    )
    cursor = fields.String(
        metadata={"description": "`next_cursor` of the page before, unchanged."},
    )


@cache
def page_schema(item: type[Schema], name: str) -> type[Schema]:
    """The schema of one page of a list."""
    members: dict[str, fields.Field[Any]] = {
        "data": fields.List(fields.Nested(item), required=True),
        "next_cursor": fields.String(
            required=True,
            allow_none=True,
            metadata={"description": "For the next page; null on the last one."},
        ),
    }
    return AnswerSchema.from_dict(members, name=f"{name}Page")


def page_example(item: dict[str, Any]) -> dict[str, Any]:
    """A page that is the last one."""
    return {"data": [item], "next_cursor": None}


def write_cursor(list_name: str, before: UUID | int) -> str:
    """`before` is the id, or the version, of the last item already seen."""
    return signed(list_name, before if isinstance(before, int) else str(before))


def read_id_cursor(list_name: str, cursor: str | None) -> UUID | None:
    """The id in a cursor of this list; InvalidCursor."""
    if cursor is None:
        return None
    found = uuid_or_none(_read(list_name, cursor))
    if found is None:
        raise _invalid(cursor)
    return found


def read_version_cursor(list_name: str, cursor: str | None) -> int | None:
    """The version in a cursor of this list; InvalidCursor."""
    if cursor is None:
        return None
    found = _read(list_name, cursor)
    if type(found) is not int or not 0 < found < 2**63:
        raise _invalid(cursor)
    return found


def page_answer(
    list_name: str,
    items: Sequence[dict[str, Any]],
    limit: int,
    key: str = "id",
) -> Answer:
    """One page of `items`, of which one more than `limit` was asked for; `key` names the items' order."""
    if len(items) <= limit:
        return json_answer({"data": items, "next_cursor": None})
    shown = items[:limit]
    cursor = write_cursor(list_name, shown[-1][key])
    query = urlencode(request.args.to_dict() | {"cursor": cursor})
    link = ("Link", f'<{request.path}?{query}>; rel="next"')
    return json_answer({"data": shown, "next_cursor": cursor}, headers=[link])


def _read(list_name: str, cursor: str) -> object:
    try:
        return opened(list_name, cursor)
    except ValueError:
        raise _invalid(cursor) from None


def _invalid(cursor: str) -> InvalidCursor:
    return InvalidCursor(f"{cursor[:64]!r} is not a cursor of this list.")
