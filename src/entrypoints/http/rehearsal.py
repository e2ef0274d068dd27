"""How a dry run is answered: as the real request would be, with null for the id of what was not made."""

from collections.abc import Collection
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from marshmallow import Schema

from entrypoints.http.answers import Answer, json_answer
from entrypoints.http.fields import Id

DESCRIPTION = "`dry_run`: what would be answered. Nothing was done."


def rehearsed(answer: Answer, made: Collection[UUID]) -> Answer:
    """The answer of a dry run that would have made these ids; a refusal stays as it is."""
    if answer.status_code >= 400:
        return answer
    ids = frozenset(map(str, made))
    return json_answer(_without(ids, orjson.loads(answer.get_data())))


def _without(ids: frozenset[str], value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(ids, item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without(ids, item) for item in value]
    return None if isinstance(value, str) and value in ids else value


@cache
def rehearsal_schema(answer: type[Schema]) -> type[Schema]:
    """What a dry run answers where the real request answers `answer`."""
    name = "Rehearsed" + answer.__name__
    fields = {"__doc__": "What would be made.", "id": Id(required=True, allow_none=True)}
    return type(name, (answer,), fields)
