"""How a dry run is answered: as the real request would be, with null for the id of what was not made."""

from functools import cache
from typing import Any
from uuid import UUID

import orjson
from marshmallow import Schema

from entrypoints.http.answers import Answer, json_answer
from entrypoints.http.fields import Id

DESCRIPTION = "`dry_run`: what would be answered. Nothing was done."


def rehearsed(answer: Answer, id: UUID) -> Answer:
    """The answer of a dry run that would have made `id`; a refusal stays as it is."""
    if answer.status_code >= 400:
        return answer
    return json_answer(_without(str(id), orjson.loads(answer.get_data())))


def _without(id: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(id, item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without(id, item) for item in value]
    return None if value == id else value


@cache
def rehearsal_schema(answer: type[Schema]) -> type[Schema]:
    """What a dry run answers where the real request answers `answer`."""
    name = "Rehearsed" + answer.__name__
    fields = {"__doc__": "What would be made.", "id": Id(required=True, allow_none=True)}
    return type(name, (answer,), fields)
