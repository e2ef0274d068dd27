"""Threads take long turns, and short ones for as long as anything long is computed."""

import sys
from collections.abc import Iterator

import pytest

from entrypoints.http import fairness
from entrypoints.http.fairness import (
    LONG_TURN_SECONDS,
    SHORT_TURN_SECONDS,
    take_long_turns,
    taking_turns,
)
from entrypoints.http.long_answer import LongAnswer


@pytest.fixture(autouse=True)
def turns_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = sys.getswitchinterval()
    monkeypatch.setattr(fairness, "_usual_seconds", before)
    yield
    sys.setswitchinterval(before)


def test_turns_are_short_until_the_last_long_computation_is_over() -> None:
    take_long_turns()
    assert sys.getswitchinterval() == pytest.approx(LONG_TURN_SECONDS)
    with taking_turns():
        with taking_turns():
            assert sys.getswitchinterval() == pytest.approx(SHORT_TURN_SECONDS)
        assert sys.getswitchinterval() == pytest.approx(SHORT_TURN_SECONDS)
    assert sys.getswitchinterval() == pytest.approx(LONG_TURN_SECONDS)


def test_a_long_answer_is_put_together_in_short_turns() -> None:
    take_long_turns()
    seen = []

    def pieces() -> Iterator[bytes]:
        seen.append(sys.getswitchinterval())
        yield b"a"

    answer = LongAnswer(pieces(), "text/plain")
    b"".join(answer({"REQUEST_METHOD": "HEAD"}, lambda *_: None))  # type: ignore[arg-type, return-value]
    assert seen == [pytest.approx(SHORT_TURN_SECONDS)]
    assert sys.getswitchinterval() == pytest.approx(LONG_TURN_SECONDS)


def test_turns_are_as_before_when_a_long_computation_fails() -> None:
    before = sys.getswitchinterval()
    with pytest.raises(ZeroDivisionError), taking_turns():
        raise ZeroDivisionError
    assert sys.getswitchinterval() == pytest.approx(before)
