"""Bodies are read within their limit, whatever the client says about their length."""

import io
from typing import Any

import pytest

from entrypoints.http.body import has_body, read_json_object
from entrypoints.http.request_errors import (
    BadRequest,
    BodyTooLarge,
    LengthRequired,
    MalformedJson,
    UnsupportedMediaType,
)

LIMIT = 100


class Socket(io.RawIOBase):
    """Gives what arrives, in pieces of at most seven bytes, and counts what was taken."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        piece = self._data.read(min(size, 7) if size >= 0 else 7)
        self.taken += len(piece)
        return piece


def _environ(data: bytes = b"{}", **more: Any) -> dict[str, Any]:
    return {"CONTENT_TYPE": "application/json", "wsgi.input": io.BytesIO(data)} | more


def _chunked(data: bytes) -> dict[str, Any]:
    return _environ(**{"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}) | {
        "wsgi.input": Socket(data)
    }


def _of_size(size: int) -> bytes:
    return b'{"a":"' + b"x" * (size - 8) + b'"}'


@pytest.mark.parametrize(
    ("headers", "is_there"),
    [
        ({}, False),
        ({"CONTENT_TYPE": "application/json"}, False),
        ({"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": ""}, False),
        ({"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "0"}, False),
        ({"CONTENT_LENGTH": "2"}, True),
        ({"CONTENT_LENGTH": "nonsense"}, True),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, True),
    ],
)
def test_what_has_neither_a_length_nor_chunks_has_no_body(
    headers: dict[str, str], is_there: bool
) -> None:
    assert has_body(headers) is is_there


def test_a_body_as_large_as_the_limit_is_read() -> None:
    environ = _environ(_of_size(LIMIT), CONTENT_LENGTH=str(LIMIT))
    assert set(read_json_object(environ, LIMIT)) == {"a"}
    assert set(read_json_object(_chunked(_of_size(LIMIT)), LIMIT)) == {"a"}


def test_a_chunked_body_is_counted_and_never_cut_off_silently() -> None:
    environ = _chunked(_of_size(LIMIT + 1) + b" " * 10_000)
    with pytest.raises(BodyTooLarge):
        read_json_object(environ, LIMIT)
    assert environ["wsgi.input"].taken == LIMIT + 1


@pytest.mark.parametrize("length", [str(LIMIT + 1), "9" * 30])
def test_a_body_that_claims_to_be_too_large_is_not_even_read(length: str) -> None:
    environ = _environ(_of_size(LIMIT + 1), CONTENT_LENGTH=length)
    with pytest.raises(BodyTooLarge):
        read_json_object(environ, LIMIT)
    assert environ["wsgi.input"].tell() == 0


def test_a_chunked_body_whose_end_the_server_does_not_mark_needs_a_length() -> None:
    with pytest.raises(LengthRequired):
        read_json_object(_environ(HTTP_TRANSFER_ENCODING="chunked"), LIMIT)


def test_a_body_that_ends_before_its_length_is_malformed() -> None:
    with pytest.raises(MalformedJson):
        read_json_object(_environ(b"{}", CONTENT_LENGTH="3"), LIMIT)


@pytest.mark.parametrize("length", ["-1", "x", "1.0", "\u0662"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    with pytest.raises(BadRequest):
        read_json_object(_environ(CONTENT_LENGTH=length), LIMIT)


GOOD_TYPES = [
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    'application/json; charset="UTF-8"',
    "application/merge-patch+json",
    "application/json; version=1",
]
BAD_TYPES = ["", "json", "text/json", "application/jsonp", "application/x+xml", "text/plain+json",
             "application/json; charset=utf-16", "multipart/form-data; boundary=x"]  # fmt: skip


@pytest.mark.parametrize("content_type", GOOD_TYPES)
def test_json_has_these_media_types(content_type: str) -> None:
    environ = _environ(CONTENT_TYPE=content_type, CONTENT_LENGTH="2")
    assert read_json_object(environ, LIMIT) == {}


@pytest.mark.parametrize("content_type", BAD_TYPES)
def test_other_media_types_are_refused_before_the_body_is_read(content_type: str) -> None:
    environ = _environ(CONTENT_TYPE=content_type, CONTENT_LENGTH="9999")
    with pytest.raises(UnsupportedMediaType):
        read_json_object(environ, LIMIT)
    assert environ["wsgi.input"].tell() == 0
