"""Lines that are written in a thread of their own."""

import logging
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.line_writer import LineWriter, pieces
from tests.entrypoints.served import served
from tests.stage import Stage

LINES = st.lists(st.binary(max_size=20).map(lambda text: text + b"\n"))


@given(lines=LINES, bytes_max=st.integers(1, 50))
def test_pieces_are_whole_lines_in_order(lines: list[bytes], bytes_max: int) -> None:
    made = [*pieces(lines, bytes_max)]
    assert b"".join(made) == b"".join(lines)
    assert all(len(piece) <= bytes_max or piece in lines for piece in made)


def test_lines_come_out_in_order_and_together() -> None:
    written: list[bytes] = []
    writer = LineWriter(written.append)
    writer.write_in_thread()
    lines = [b"%d\n" % number for number in range(100)]
    for line in lines:
        writer.add(line)
    writer.close()
    assert b"".join(written) == b"".join(lines)
    assert len(written) < len(lines)


def test_what_cannot_be_written_stops_nothing() -> None:
    tried = []

    def broken(piece: bytes) -> None:
        tried.append(piece)
        raise BrokenPipeError

    writer = LineWriter(broken)
    writer.write_in_thread()
    writer.add(b"one\n")
    writer.close()
    assert tried == [b"one\n"]


def test_nobody_waits_for_who_does_not_read(caplog: pytest.LogCaptureFixture) -> None:
    written: list[bytes] = []
    stuck, reads = Event(), Event()

    def stalled(piece: bytes) -> None:
        stuck.set()
        assert reads.wait(10)
        written.append(piece)

    writer = LineWriter(stalled, lines_max=3)
    writer.write_in_thread()
    writer.add(b"0\n")
    assert stuck.wait(10)
    for number in range(1, 9):
        writer.add(b"%d\n" % number)
    with caplog.at_level(logging.WARNING):
        reads.set()
        writer.close()
    assert b"".join(written) == b"0\n1\n2\n3\n"
    assert [record.__dict__["count"] for record in caplog.records] == [5]


@pytest.mark.slow
def test_a_server_that_stops_has_written_the_last_line(
    postgres_stage: Stage, tmp_path: Path
) -> None:
    with served(tmp_path / "out", postgres_stage.url or "", PAYMENTS_LOG_FORMAT="json") as service:
        service.get("/v1/currencies", X_Request_Id="the-last-one")
    assert service.said().count('"request_id":"the-last-one"') == 1
