"""The table of states in docs/holds.md, step by step: what the page says is what the code does."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from domain.errors import Refusal
from domain.hold import Hold, HoldStatus
from tests.domain.examples import NOON, a_hold

PAGE = Path(__file__).resolve().parents[2] / "docs" / "holds.md"
ROW = re.compile(r"^\| (\w+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
LATER = NOON + timedelta(minutes=30)
INSTANT = NOON + timedelta(hours=1)

STATES: dict[str, Callable[[Hold], Hold]] = {
    "pending": lambda hold: hold,
    "captured": lambda hold: hold.after_capture(60, NOON, final=True),
    "voided": lambda hold: hold.after_void(NOON),
    "expired": lambda hold: hold.as_of(INSTANT),
}
STEPS: dict[str, Callable[[Hold], Hold]] = {
    "capture a part, keep the rest": lambda hold: hold.after_capture(40, LATER, final=False),
    "capture a part, release the rest": lambda hold: hold.after_capture(40, LATER, final=True),
    "capture all that remains": lambda hold: hold.after_capture(
        hold.to_capture(None), LATER, final=False
    ),
    "capture more than remains": lambda hold: hold.after_capture(101, LATER, final=True),
    "void": lambda hold: hold.after_void(LATER),
    "its instant comes": lambda hold: hold.as_of(INSTANT),
}
TABLE: list[tuple[str, str, str]] = [
    row for row in ROW.findall(PAGE.read_text(encoding="utf-8")) if row[0] != "state"
]


def outcome_of(step: Callable[[Hold], Hold], hold: Hold) -> str:
    try:
        return step(hold).status
    except Refusal as refused:
        return f"refused: {refused.code}"


@pytest.mark.parametrize(("state", "step", "becomes"), TABLE)
def test_each_step_ends_where_the_table_says(state: str, step: str, becomes: str) -> None:
    hold = STATES[state](a_hold(100, expires_at=INSTANT))
    assert hold.status == state
    assert outcome_of(STEPS[step], hold) == becomes


def test_the_table_has_every_step_from_every_state() -> None:
    assert {(state, step) for state, step, _ in TABLE} == {
        (state, step) for state in STATES for step in STEPS
    }
    assert set(STATES) == set(HoldStatus)
    assert len(TABLE) == len(STATES) * len(STEPS)
