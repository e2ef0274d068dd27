"""The query parameters `metadata[key]=value`: an object in OpenAPI's style deepObject."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from entrypoints.http.fields import METADATA_VALUE_LENGTH_MAX, Metadata
from entrypoints.http.text import PATTERN

METADATA_FILTERS_MAX = 10
DEEP_OBJECT = {"style": "deepObject", "explode": True}
_MEMBER = re.compile(r"(\w+)\[(.*)\]", re.DOTALL)


class MetadataFilter(Metadata):
    """What metadata must have, all of it."""

    def __init__(self) -> None:
        super().__init__(
            metadata={
                "description": f"Those whose metadata has all of these, up to {METADATA_FILTERS_MAX}:"
                " `metadata[invoice]=2026-1042`.",
                "examples": [{"invoice": "2026-1042"}],
                "minProperties": 1,
                "maxProperties": METADATA_FILTERS_MAX,
                "additionalProperties": {
                    "type": "string",
                    "maxLength": METADATA_VALUE_LENGTH_MAX,
                    "pattern": PATTERN,
                },
            }
        )

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if type(value) is not dict:
            raise ValidationError("Must name a key, as in metadata[invoice]=2026-1042.")
        if len(value) > METADATA_FILTERS_MAX:
            raise ValidationError(f"Must not name more than {METADATA_FILTERS_MAX} keys.")
        return super()._deserialize(value, attr, data, **kwargs)


def nested(sent: Mapping[str, str], objects: set[str]) -> dict[str, Any]:
    """Parameters by name, with `name[key]` gathered into an object where the name is one of `objects`."""
    if not objects:
        return dict(sent)
    found: dict[str, Any] = {}
    for name, value in sent.items():
        member = _MEMBER.fullmatch(name)
        if member is None or member[1] not in objects or member[1] in sent:
            found[name] = value
        else:
            found.setdefault(member[1], {})[member[2]] = value
    return found


def parameter_style(_converter: object, field: fields.Field[Any], **_kwargs: Any) -> dict[str, Any]:
    """How OpenAPI says it."""
    return DEEP_OBJECT if isinstance(field, MetadataFilter) else {}
