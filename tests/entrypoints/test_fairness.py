"""Threads take short turns for as long as anything long is computed."""

import sys
from collections.abc import Iterator

import pytest

from entrypoints.http import fairness
from entrypoints.http.fairness import (
    SHORT_TURN_SECONDS,
    taking_turns,
    with_breaths,
)
from entrypoints.http.long_answer import LongAnswer


@pytest.fixture(autouse=True)
def turns_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = sys.getswitchinterval()
    monkeypatch.setattr(fairness, "_usual_seconds", before)
    yield
    sys.setswitchinterval(before)


def test_turns_are_short_until_the_last_long_computation_is_over() -> None:
    before = sys.getswitchinterval()
    with taking_turns():
        with taking_turns():
            assert sys.getswitchinterval() == pytest.approx(SHORT_TURN_SECONDS)
        assert sys.getswitchinterval() == pytest.approx(SHORT_TURN_SECONDS)
    assert sys.getswitchinterval() == pytest.approx(before)


def test_a_long_answer_is_put_together_in_short_turns() -> None:
    before = sys.getswitchinterval()
    seen = []

    def pieces() -> Iterator[bytes]:
        seen.append(sys.getswitchinterval())
        yield b"a"

    answer = LongAnswer(pieces(), "text/plain")
    b"".join(answer({"REQUEST_METHOD": "HEAD"}, lambda *_: None))  # type: ignore[arg-type, return-value]
    assert seen == [pytest.approx(SHORT_TURN_SECONDS)]
    assert sys.getswitchinterval() == pytest.approx(before)


def test_turns_are_as_before_when_a_long_computation_fails() -> None:
    before = sys.getswitchinterval()
    with pytest.raises(ZeroDivisionError), taking_turns():
        raise ZeroDivisionError
    assert sys.getswitchinterval() == pytest.approx(before)


@pytest.mark.parametrize(
    ("count", "breaths"),
    [(0, 0), (fairness.ITEMS_WITHOUT_A_BREATH, 0), (fairness.ITEMS_WITHOUT_A_BREATH + 1, 21)],
)
def test_only_very_many_items_come_with_breaths(
    monkeypatch: pytest.MonkeyPatch, count: int, breaths: int
) -> None:
    taken: list[float] = []
    monkeypatch.setattr(fairness.time, "sleep", taken.append)
    assert list(with_breaths(range(count))) == list(range(count))
    assert taken == [fairness.BREATH_SECONDS] * breaths
