"""Answer with what can never change, from the cache where it is there."""

from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any

import orjson
from marshmallow import Schema, fields

from entrypoints.http.answers import Answer
from entrypoints.http.asking import bound_to
from entrypoints.http.etag import tagged_bytes
from entrypoints.http.version import VERSION
from service_layer.read_cache import ReadCache

HEADERS = (
    ("Cache-Control", "private, max-age=3600, immutable"),
    ("Vary", "Authorization"),
)
"""A client may keep it for an hour, for whoever has this key alone."""


MISSED_MAX = 10_000
"""So many that were not in the cache are remembered, by a number each."""


class FinalAnswers:
    """Of one schema. Cached is the whole body, apart for each account that keys are bound to.

    Kept is what is asked for a second time: most is not, and to keep it all costs a tenth of each answer.

    Who may see what is in the key of the cache: whose wallets a transaction touches is as final as the
    transaction. So is the shape of the answer: another release does not take it for its own.
    """

    def __init__(self, cache: ReadCache, schema: type[Schema]) -> None:
        self._cache = cache
        self._shape = shape_of(schema)
        self._missed: set[int] = set()

    def answer(self, name: str, make: Callable[[], Any]) -> Answer:
        """What `make` gives in JSON types, must be final; what it raises is never kept."""
        key = f"{self._shape}:{name}:{bound_to() or 'all'}"
        body = self._cache.get(key)
        if body is None:
            body = orjson.dumps(make())
            if self._comes_again(hash(key)):
                self._cache.put(key, body)
        return tagged_bytes(body, HEADERS)

    def _comes_again(self, key: int) -> bool:
        if key in self._missed:
            return True
        if len(self._missed) >= MISSED_MAX:
            self._missed.clear()
        self._missed.add(key)
        return False


def shape_of(schema: type[Schema]) -> str:
    """Another one for each release, and for each change of the fields."""
    described = "\n".join([VERSION, schema.__name__, *_lines(schema())])
    return f"{schema.__name__}-{blake2b(described.encode(), digest_size=8).hexdigest()}"


def _lines(schema: Schema, path: str = "") -> Iterator[str]:
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        yield f"{path}/{field.data_key or name}: {type(field).__name__} {type(inner).__name__}"
        if isinstance(inner, fields.Nested):
            yield from _lines(inner.schema, f"{path}/{name}")
