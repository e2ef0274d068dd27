"""JSON is read strictly and always written."""

import json
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.http.json_text import dumps_safely, loads_strictly
from entrypoints.http.request_errors import MalformedJson

any_text = st.text(st.characters(), max_size=5)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)


@given(any_json)
def test_what_is_json_is_read_as_it_is(value: Any) -> None:
    assert loads_strictly(json.dumps(value).encode()) == value


@given(st.binary(max_size=40))
def test_any_bytes_are_json_or_malformed(data: bytes) -> None:
    with suppress(MalformedJson):
        loads_strictly(data)


@given(any_json)
def test_whatever_a_client_sent_can_be_written_back(value: Any) -> None:
    orjson.loads(dumps_safely(value))


def test_a_lone_surrogate_is_written_as_a_replacement_character() -> None:
    assert orjson.loads(dumps_safely({"a\ud800": ["\udc00b", "👩"]})) == {
        "a\ufffd": ["\ufffdb", "👩"]
    }


@pytest.mark.parametrize("text", [b'{"a":1,"a":1}', b'[{"b":{"a":1,"c":2,"a":3}}]'])
def test_a_key_that_stands_twice_is_named(text: bytes) -> None:
    with pytest.raises(MalformedJson, match="'a'"):
        loads_strictly(text)


def test_the_place_of_a_mistake_is_named() -> None:
    with pytest.raises(MalformedJson, match="line 2, column 8"):
        loads_strictly(b'{\n  "a": x}')
