"""Lists of objects in a request, read as fast as its other fields."""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Length

from entrypoints.http.loader import Loader


class Objects(fields.List[Any]):
    """Loads a tuple of what `make` makes of each object's fields.

    `make` and `validate` may raise ValidationError; `item_rules` and `rules` say in JSON Schema when they do.
    """

    def __init__(
        self,
        schema: type[Schema],
        make: Callable[..., Any],
        *,
        length_min: int = 0,
        length_max: int,
        item_rules: dict[str, Any] | None = None,
        rules: dict[str, Any] | None = None,
        validate: Callable[[Any], None] | None = None,
        **kwargs: Any,
    ) -> None:
        validators: list[Callable[[Any], Any]] = [Length(length_min or None, length_max)]
        if validate is not None:
            validators.append(validate)
        super().__init__(
            fields.Nested(schema, metadata=item_rules or {}), validate=validators, **kwargs
        )
        self._loader = Loader(schema())
        self._make = make
        self.rules = rules or {}
        self._length_max = length_max

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if type(value) is not list:
            raise ValidationError("Must be a list.")
        if len(value) > self._length_max:  # before its items, of which there may be very many
            raise ValidationError(f"Must not have more than {self._length_max} items.")
        made, faults = [], {}
        for index, item in enumerate(value):
            try:
                made.append(self._make(**self._loader.load_object(item)))
            except ValidationError as error:
                faults[index] = error.messages
        if faults:
            raise ValidationError(faults)
        return tuple(made)
