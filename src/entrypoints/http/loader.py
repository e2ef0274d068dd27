"""Check what a client sent against a declared schema, quickly when it is right.

The schema stays the only truth: the quick way calls the very fields that it declares, and whatever they do
not like is checked again by the schema itself, for the complete list of faults.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing

from entrypoints.http.request_errors import FieldError, ValidationFailed

ERRORS_MAX = 50


class Loader:
    """One for each schema, made once. The schema must not rename fields or have hooks of its own."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._checks = {name: _check_of(field) for name, field in schema.fields.items()}
        self.objects = {n for n, field in schema.fields.items() if isinstance(field, fields.Dict)}
        self._required = {name for name, field in schema.fields.items() if field.required}
        self._defaults = {
            name: field.load_default
            for name, field in schema.fields.items()
            if field.load_default is not missing
        }

    def load(self, sent: Mapping[str, Any], lead: str = "/") -> dict[str, Any]:
        """The values by name, defaults filled in; ValidationFailed with pointers into the body."""
        loaded = self._quickly(sent)
        if loaded is None:
            raise self._failure(sent, lead)
        return loaded

    def load_object(self, sent: Any) -> dict[str, Any]:
        """The same for an object inside of a field; ValidationError."""
        if type(sent) is not dict:
            raise ValidationError("Must be an object.")
        loaded = self._quickly(sent)
        if loaded is None:
            self._schema.load(sent)
            raise AssertionError("a schema accepts what its own fields refuse")
        return loaded

    def load_query(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The same for query parameters, which a fault names as `?name`."""
        try:
            return dict(self._schema.load(sent))
        except ValidationError:
            raise self._failure(sent, "?") from None

    def _quickly(self, sent: Mapping[str, Any]) -> dict[str, Any] | None:
        """None when there is any fault."""
        loaded = self._defaults.copy()
        checks = self._checks
        try:
            for name, value in sent.items():
                loaded[name] = checks[name](value)
        except (KeyError, ValidationError):
            return None
        return loaded if self._required <= loaded.keys() else None

    def _failure(self, sent: Mapping[str, Any], lead: str) -> ValidationFailed:
        try:
            self._schema.load(sent)
        except ValidationError as error:
            return ValidationFailed([*_field_errors(error.messages, lead)][:ERRORS_MAX])
        raise AssertionError("a schema accepts what its own fields refuse")


def _check_of(field: fields.Field[Any]) -> Callable[[Any], Any]:
    """What the field makes of a value; a plain field without the layers of `deserialize`."""
    if field.allow_none or field.pre_load or field.post_load or len(field.validators) > 1:
        return field.deserialize
    read = field._deserialize
    validate = field.validators[0] if field.validators else None

    def check(value: Any) -> Any:
        if value is None:
            raise ValidationError("null")
        made = read(value, None, None)
        if validate is not None:
            validate(made)
        return made

    return check


def _field_errors(messages: Any, lead: str) -> Iterator[FieldError]:
    """marshmallow's nested messages as a flat list; RFC 6901 escapes ~ and / in a name."""
    for name, below in messages.items():
        pointer = lead + str(name)[:128].replace("~", "~0").replace("/", "~1")
        if isinstance(below, dict):
            yield from _field_errors(below, pointer + "/")
        else:
            yield FieldError(pointer, " ".join(below))
