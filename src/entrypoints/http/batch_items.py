"""The operations inside a batch: each is the body of its own POST, with a type."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from entrypoints.http.fairness import with_breaths
from entrypoints.http.fields import Id, Text
from entrypoints.http.idempotency import KEY
from entrypoints.http.loader import Loader
from entrypoints.http.operations import Post

_PATH_ID = re.compile("<([a-z_]+)>")
_OWN = ("type", "idempotency_key")


class ItemKey(Text):
    """An idempotency key in a body: the same rules as in its header."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(length_min=1, length_max=255, **kwargs)
        self.metadata = {**self.metadata, "pattern": f"^{KEY.pattern}$"}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not KEY.fullmatch(value):
            raise ValidationError("Must be 1 to 255 visible ASCII characters.")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One operation: `path` are the ids that stand in the path of its own POST, `sent` its body there."""

    post: Post
    key: str | None
    path: Mapping[str, str]
    values: dict[str, Any]
    sent: dict[str, Any]


class ItemReader:
    """Reads the operations of one type."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self._path_names = _PATH_ID.findall(post.rule)
        self.schema = self._schema()
        self._loader = Loader(self.schema())

    def read(self, sent: dict[str, Any]) -> Item:
        """ValidationError."""
        values = self._loader.load_object(sent)
        path = {name: str(values.pop(name)) for name in self._path_names}
        del values["type"]
        key = values.pop("idempotency_key", None)
        apart = {*_OWN, *path}
        body = {name: value for name, value in sent.items() if name not in apart}
        return Item(post=self.post, key=key, path=path, values=values, sent=body)

    def _schema(self) -> type[Schema]:
        """The body of the POST, with the ids of its path."""
        name, path = self.post.name, _PATH_ID.sub(r"{\1}", self.post.rule)
        members: dict[str, Any] = {
            "__doc__": f"As in {self.post.method} {path}.",
            "type": fields.String(required=True, validate=validate.Equal(name)),
            "idempotency_key": ItemKey(
                metadata={
                    "description": "Makes it happen once, alone or in whatever batch. Left out, the"
                    " batch's own key does, with its place in the batch."
                }
            ),
        }
        for path_name in self._path_names:
            members[path_name] = Id(required=True)
        title = "".join(word.title() for word in name.split("-"))
        return type(f"{title}Operation", (self.post.body,), members)


class Items(fields.List[Any]):
    """Loads a tuple of operations; each is read as its type says."""

    def __init__(self, posts: Sequence[Post], *, length_max: int, **kwargs: Any) -> None:
        super().__init__(fields.Dict(), validate=validate.Length(1, length_max), **kwargs)
        self.readers = {post.name: ItemReader(post) for post in posts}
        self._length_max = length_max

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if type(value) is not list:
            raise ValidationError("Must be a list.")
        if not 1 <= len(value) <= self._length_max:
            raise ValidationError(f"Must have 1 to {self._length_max} operations.")
        items, faults = [], {}
        for index, sent in enumerate(with_breaths(value)):
            try:
                items.append(self._item(sent))
            except ValidationError as error:
                faults[index] = error.messages
        if faults:
            raise ValidationError(faults)
        return tuple(items)

    def _item(self, sent: Any) -> Item:
        if type(sent) is not dict:
            raise ValidationError("Must be an object.")
        type_ = sent.get("type")
        reader = self.readers.get(type_) if isinstance(type_, str) else None
        if reader is None:
            raise ValidationError({"type": [f"Must be one of: {', '.join(self.readers)}."]})
        return reader.read(sent)
