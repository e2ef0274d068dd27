"""A file of a ledger is read as it was written or not at all."""

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_layer.archive_file import (
    FORMAT,
    VERSION,
    ArchiveReader,
    ArchiveRefused,
    ArchiveWriter,
    Header,
    check_archive,
    row_line,
)

HEADER = Header(schema="0004", exported_at="2026-01-01T00:00:00.000000Z")
Tables = dict[str, list[dict[str, Any]]]
TABLES: Tables = {
    "account": [{"id": 1, "name": "Ada"}, {"id": 2, "name": 'quoted " \\ \n'}],
    "hold": [],
    "posting": [{"amount": -5, "balance_after": None}],
}
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text())


def written(tables: Tables) -> bytes:
    file = BytesIO()
    writer = ArchiveWriter(target=file)
    writer.begin(HEADER)
    for name, rows in tables.items():
        writer.begin_table(name)
        for row in rows:
            writer.write(row_line(name, row))
    writer.end()
    return file.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(ArchiveRefused) as caught:
        check_archive(BytesIO(data))
    return str(caught.value)


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c"]), st.lists(st.dictionaries(st.text(), VALUES), max_size=3)
    )
)
def test_what_was_written_is_read(tables: Tables) -> None:
    reader = ArchiveReader(BytesIO(written(tables)))
    read = [row_line("x", {}).replace(b"{}", row) for _, row in reader.rows()]
    assert read == [row_line("x", row) for rows in tables.values() for row in rows]
    assert reader.header == HEADER
    assert reader.counts == {name: len(rows) for name, rows in tables.items()}


def test_any_altered_byte_is_found() -> None:
    whole = written(TABLES)
    accepted = []
    for position, byte in enumerate(whole):
        for other in {byte ^ 1, byte ^ 32, 10, 32, 0} - {byte}:
            altered = whole[:position] + bytes([other]) + whole[position + 1 :]
            try:
                header = check_archive(BytesIO(altered)).header
            except ArchiveRefused:
                continue
            accepted.append((position, other, header))
    assert accepted == []


def test_any_file_that_is_cut_off_is_found() -> None:
    whole = written(TABLES)
    for length in range(len(whole)):
        said = refused(whole[:length])
        assert "not whole" in said or "no ndjson export" in said


def test_a_line_that_is_missing_twice_or_elsewhere_is_found() -> None:
    first, *rows, last = written(TABLES).splitlines(keepends=True)
    assert "another one" in refused(b"".join([first, *rows[1:], last]))
    assert "another one" in refused(b"".join([first, rows[0], *rows, last]))
    assert "another one" in refused(b"".join([first, *reversed(rows), last]))
    assert "not whole" in refused(b"".join([first, *rows]))


def test_nothing_may_follow_the_last_line() -> None:
    assert refused(written(TABLES) + b"\n") == (
        "The file goes on after its last line: it was altered."
    )


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"{}\n", b"[]\n", b"\xff\xfe", b"[" * 99_999, b"null\n"]
)
def test_what_is_no_such_file_is_said_to_be_none(data: bytes) -> None:
    assert refused(data) == "The file is no ndjson export of Simple Payments."


def test_another_version_of_the_format_is_refused() -> None:
    newer = written(TABLES).replace(b'"version":1', b'"version":2', 1)
    assert refused(newer) == (
        f"The file has version 2 of the format; this program reads {VERSION}."
    )


@pytest.mark.parametrize("more", ["", ',"schema":4,"exported_at":""', ',"schema":"0004"'])
def test_a_header_without_its_members_is_refused(more: str) -> None:
    header = f'{{"format":"{FORMAT}","version":{VERSION}{more}}}\n'
    assert "another one" in refused(header.encode())


def test_a_line_without_an_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service_layer.archive_file.LINE_BYTES_MAX", 1000)
    assert refused(b" " * 5000) == "The file has a line of more than 1000 bytes."
