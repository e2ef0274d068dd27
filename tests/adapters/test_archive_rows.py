"""Rows of an archive reach COPY as they were, in pieces no larger than asked for."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.postgres.archive_rows import CopySource, parsed
from service_layer.archive_file import ArchiveRefused

VALUES = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.text())
ROWS = st.lists(st.fixed_dictionaries({"a": VALUES, "b": VALUES}), max_size=20)
ESCAPED = {"\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t"}


def unescaped(text: str) -> str | None:
    """What PostgreSQL makes of a value in the text format of COPY."""
    if text == "\\N":
        return None
    pieces, position = [], 0
    while position < len(text):
        pair = text[position : position + 2]
        pieces.append(ESCAPED.get(pair, text[position]))
        position += 2 if pair in ESCAPED else 1
    return "".join(pieces)


def as_text(value: Any) -> str | None:
    return None if value is None else str(value)


@given(ROWS, st.integers(1, 50))
def test_what_is_read_in_pieces_is_what_the_rows_say(rows: list[dict[str, Any]], size: int) -> None:
    source = CopySource(map(orjson.dumps, rows), ["b", "a"])
    whole = BytesIO()
    while piece := source.read(size):
        assert len(piece) <= size
        whole.write(piece)
    lines = whole.getvalue().decode().split("\n")[:-1]
    assert [[unescaped(value) for value in line.split("\t")] for line in lines] == [
        [as_text(row["b"]), as_text(row["a"])] for row in rows
    ]


def test_no_more_rows_are_taken_than_a_piece_needs() -> None:
    taken = []

    def rows() -> Iterator[bytes]:
        for number in range(1000):
            taken.append(number)
            yield b'{"a":"%s"}' % (b"x" * 100)

    CopySource(rows(), ["a"]).read(250)
    assert len(taken) == 3


@pytest.mark.parametrize("row", [b'{"a":1}', b'{"a":1,"b":1,"c":1}', b'{"a":1,"c":2}', b"{}"])
def test_other_columns_are_refused(row: bytes) -> None:
    source = CopySource([row], ["a", "b"])
    with pytest.raises(ArchiveRefused, match="other columns"):
        source.read(10)
    assert isinstance(source.failed, ArchiveRefused)


@pytest.mark.parametrize("row", [b"", b"[]", b"1", b'{"a":', b'{"a":1},{"a":2}', b'{"a":NaN}'])
def test_what_is_no_object_is_refused(row: bytes) -> None:
    with pytest.raises(ArchiveRefused):
        parsed(row)


@pytest.mark.parametrize("value", [1.5, [], {}])
def test_what_is_neither_text_nor_a_whole_number_is_refused(value: object) -> None:
    with pytest.raises(ArchiveRefused, match="neither text nor"):
        CopySource([orjson.dumps({"a": value})], ["a"]).read(10)
