"""The quick way of checking fields agrees with the declared schema, always."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields, validate

from adapters.system import new_id
from entrypoints.http.accounts import AccountRequest
from entrypoints.http.fields import RequestSchema
from entrypoints.http.loader import Loader
from entrypoints.http.replenishments import ReplenishmentRequest
from entrypoints.http.request_errors import ValidationFailed
from entrypoints.http.transfers import TransferRequest

SCHEMAS: list[type[Schema]] = [AccountRequest, ReplenishmentRequest, TransferRequest]
NAMES = sorted({name for schema in SCHEMAS for name in schema().fields} | {"colour"})

texts = st.text(max_size=4) | st.sampled_from(["USD", str(new_id()), "x" * 201, "\0", "\ud800"])
values = st.one_of(
    texts,
    st.none(),
    st.booleans(),
    st.integers(-1, 3),
    st.floats(allow_nan=False),
    st.dictionaries(texts, texts | st.integers(), max_size=2),
)
right = {
    "name": "Ada",
    "wallet_id": str(new_id()),
    "source_wallet_id": str(new_id()),
    "destination_wallet_id": str(new_id()),
    "amount": 1,
    "currency": "USD",
}


@pytest.mark.parametrize("schema", SCHEMAS)
@given(
    changes=st.dictionaries(st.sampled_from(NAMES), values, max_size=3),
    left_out=st.sets(st.sampled_from(NAMES), max_size=1),
)
def test_the_quick_way_agrees_with_the_schema(
    schema: type[Schema], changes: dict[str, Any], left_out: set[str]
) -> None:
    instance = schema()
    known = {name: value for name, value in right.items() if name in instance.fields}
    sent = {name: value for name, value in (known | changes).items() if name not in left_out}
    try:
        expected = instance.load(sent)
    except ValidationError:
        with pytest.raises(ValidationFailed) as failure:
            Loader(instance).load(sent)
        assert failure.value.errors
    else:
        assert Loader(instance).load(sent) == expected


def test_defaults_are_filled_in() -> None:
    assert Loader(AccountRequest()).load({"name": "Ada"}) == {"name": "Ada", "currency": "USD"}


class AnythingRequest(RequestSchema):
    """A field that takes whatever it gets, null apart."""

    anything = fields.Raw()
    small = fields.Raw(validate=validate.Range(max=3))
    both = fields.Raw(validate=[validate.Range(max=3), validate.Range(min=1)])


@pytest.mark.parametrize("name", ["anything", "small", "both"])
def test_a_field_that_takes_everything_takes_no_null(name: str) -> None:
    loader = Loader(AnythingRequest())
    with pytest.raises(ValidationFailed):
        loader.load({name: None})
    assert loader.load({name: 2}) == {name: 2}


@pytest.mark.parametrize(("name", "value"), [("small", 4), ("both", 4), ("both", 0)])
def test_every_validator_is_asked(name: str, value: int) -> None:
    with pytest.raises(ValidationFailed):
        Loader(AnythingRequest()).load({name: value})
