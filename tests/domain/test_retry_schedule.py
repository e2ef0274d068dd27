"""A webhook is tried for about three days: often at first, later rarely, never all at once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.circuit import FAILURES_MAX, PAUSE_SECONDS, PAUSE_SECONDS_MAX, Circuit
from domain.retry_schedule import (
    DELAY_SECONDS_MAX,
    GIVE_UP_AFTER,
    JITTER,
    delay_seconds,
    next_attempt_at,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_each_pause_is_four_times_the_one_before_up_to_eight_hours() -> None:
    pauses = [delay_seconds(attempt, 0.5) for attempt in range(1, 10)]
    assert pauses == [5, 20, 80, 320, 1280, 5120, 20480, 28800, 28800]


@given(st.integers(1, 10**6), st.floats(0, 1))
def test_chance_changes_a_pause_by_a_fifth_at_most(attempt: int, chance: float) -> None:
    usual = delay_seconds(attempt, 0.5)
    assert abs(delay_seconds(attempt, chance) - usual) <= usual * JITTER * 1.000001
    assert usual <= DELAY_SECONDS_MAX


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_attempts_go_on_for_nearly_three_days_then_no_more(chance: float) -> None:
    at: datetime | None = NOW
    times = [NOW]
    while at := next_attempt_at(len(times), times[-1], NOW + GIVE_UP_AFTER, chance):
        times.append(at)
    assert 12 <= len(times) <= 20
    assert timedelta(days=2, hours=12) < times[-1] - NOW < GIVE_UP_AFTER


def test_a_circuit_opens_after_some_failures_in_a_row_for_longer_each_time() -> None:
    circuit, pauses = Circuit(), []
    for _ in range(FAILURES_MAX + 8):
        circuit = circuit.after_failure(NOW)
        pauses.append(circuit.paused_until and (circuit.paused_until - NOW).total_seconds())
    assert pauses[: FAILURES_MAX - 1] == [None] * (FAILURES_MAX - 1)
    assert pauses[FAILURES_MAX - 1 :][:3] == [PAUSE_SECONDS, 2 * PAUSE_SECONDS, 4 * PAUSE_SECONDS]
    assert pauses[-1] == PAUSE_SECONDS_MAX


@pytest.mark.parametrize(
    ("circuit", "in_flight", "room"),
    [
        (Circuit(), 0, 4),
        (Circuit(), 3, 1),
        (Circuit(), 9, 0),
        (Circuit(failures=FAILURES_MAX - 1), 0, 4),
        (Circuit(failures=FAILURES_MAX, paused_until=NOW + timedelta(seconds=1)), 0, 0),
        (Circuit(failures=FAILURES_MAX, paused_until=NOW), 0, 1),
        (Circuit(failures=FAILURES_MAX, paused_until=NOW), 1, 0),
    ],
)
def test_an_open_circuit_lets_nothing_through_a_half_open_one_a_single_attempt(
    circuit: Circuit, in_flight: int, room: int
) -> None:
    assert circuit.lets_through(NOW, in_flight, 4) == room
