"""Times as requests ask for them or answers show them."""

import re
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields

_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)


class Time(fields.DateTime):
    """A time with a zone (RFC 3339); what is finer than a microsecond is cut off."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        if isinstance(value, str) and _RFC3339.fullmatch(value):
            try:
                return datetime.fromisoformat(value.upper()).astimezone(UTC)
            except (ValueError, OverflowError):
                pass
        raise ValidationError(
            "Must be a time with a zone, such as 2026-11-22T21:05:31Z (a + in a URL is written %2B)."
        )


def minor_units(about: str, *, allow_none: bool = False) -> fields.Integer:
    """An integer of an answer that counts minor units."""
    return fields.Integer(
        required=True,
        strict=True,
        allow_none=allow_none,
        metadata={"format": "int64", "description": f"{about}. In minor units."},
    )


def utc_time(about: str) -> fields.DateTime:
    """A time of an answer."""
    return fields.DateTime(required=True, metadata={"description": f"{about}."})
