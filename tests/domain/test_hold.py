"""A hold reserves money until it is captured, voided or expired; it never gives more than it took."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import DestinationDiffers, ExceedsHold, HoldExpired, HoldNotPending, Refusal
from domain.hold import Hold, HoldStatus
from tests.domain.examples import NOON, a_hold, an_id

SECOND = timedelta(seconds=1)
SHORT = settings(max_examples=150, deadline=None, derandomize=True)


def test_a_new_hold_reserves_all_of_its_amount() -> None:
    assert a_hold(100).remaining == 100


def test_a_capture_that_keeps_the_rest_leaves_it_reserved() -> None:
    hold = a_hold(100).after_capture(30, NOON, final=False)
    assert (hold.status, hold.captured, hold.remaining) == (HoldStatus.PENDING, 30, 70)


def test_a_final_capture_releases_the_rest() -> None:
    hold = a_hold(100).after_capture(30, NOON, final=True)
    assert (hold.status, hold.captured, hold.remaining) == (HoldStatus.CAPTURED, 30, 0)


def test_a_hold_of_which_nothing_remains_is_captured_final_or_not() -> None:
    hold = a_hold(100).after_capture(60, NOON, final=False).after_capture(40, NOON, final=False)
    assert (hold.status, hold.captured, hold.remaining) == (HoldStatus.CAPTURED, 100, 0)


def test_a_capture_without_an_amount_takes_all_that_remains() -> None:
    hold = a_hold(100).after_capture(30, NOON, final=False)
    assert hold.to_capture(None) == 70


def test_what_was_captured_stays_known_when_the_rest_is_voided_or_expires() -> None:
    hold = a_hold(100, expires_at=NOON + SECOND).after_capture(30, NOON, final=False)
    voided, expired = hold.after_void(NOON), hold.as_of(NOON + SECOND)
    assert (voided.captured, voided.remaining) == (30, 0)
    assert (expired.captured, expired.remaining) == (30, 0)


def test_a_capture_of_more_than_remains_says_what_remains() -> None:
    hold = a_hold(100).after_capture(30, NOON, final=False)
    with pytest.raises(ExceedsHold) as refused:
        hold.to_capture(71)
    assert refused.value.data == {"hold_id": str(hold.id), "remaining": 70}
    assert hold.to_capture(70) == 70


def test_a_hold_ends_at_its_instant_not_a_microsecond_earlier() -> None:
    hold = a_hold(expires_at=NOON)
    before = NOON - timedelta(microseconds=1)
    assert hold.as_of(before) == hold
    assert hold.as_of(before).remaining == 100
    assert hold.as_of(NOON).status is HoldStatus.EXPIRED
    assert hold.as_of(NOON).remaining == 0


def test_an_expired_hold_looks_the_same_whenever_somebody_looks() -> None:
    hold = a_hold(expires_at=NOON + SECOND)
    noted = hold.as_of(NOON + SECOND)
    assert noted.updated_at == NOON + SECOND
    assert hold.as_of(NOON + 9 * SECOND) == noted.as_of(NOON + 9 * SECOND) == noted


def test_a_hold_without_an_instant_never_expires() -> None:
    hold = a_hold()
    assert hold.as_of(NOON + timedelta(days=100_000)) is hold


@pytest.mark.parametrize(
    ("hold", "error"),
    [
        (a_hold(expires_at=NOON).as_of(NOON), HoldExpired),
        (a_hold().after_void(NOON), HoldNotPending),
        (a_hold().after_capture(1, NOON, final=True), HoldNotPending),
    ],
)
def test_that_a_hold_is_over_is_said_before_that_too_much_was_asked_for(
    hold: Hold, error: type[Refusal]
) -> None:
    with pytest.raises(error):
        hold.to_capture(1000)


def test_who_is_too_late_learns_what_became_of_the_hold() -> None:
    hold = a_hold().after_void(NOON)
    with pytest.raises(HoldNotPending) as refused:
        hold.after_void(NOON)
    assert refused.value.data == {"hold_id": str(hold.id), "hold_status": "voided"}


def test_the_destination_is_named_by_the_hold_or_by_the_capture() -> None:
    shop = an_id()
    assert a_hold().destination(None) is None
    assert a_hold().destination(shop) == shop
    assert a_hold(destination_wallet_id=shop).destination(None) == shop
    assert a_hold(destination_wallet_id=shop).destination(shop) == shop


def test_a_capture_cannot_take_the_money_elsewhere() -> None:
    with pytest.raises(DestinationDiffers):
        a_hold(destination_wallet_id=an_id()).destination(an_id())


def test_a_holds_time_never_runs_backwards() -> None:
    hold = a_hold(updated_at=NOON)
    assert hold.after_void(NOON - SECOND).updated_at == NOON
    assert hold.after_capture(1, NOON - SECOND, final=False).updated_at == NOON
    assert hold.after_void(NOON + SECOND).updated_at == NOON + SECOND


# (what: captured amount or 0 for void, final, seconds that pass before)
STEPS = st.lists(st.tuples(st.integers(0, 60), st.booleans(), st.integers(0, 3)), max_size=12)


@SHORT
@given(st.integers(1, 100), STEPS, st.one_of(st.none(), st.integers(1, 12)))
def test_whatever_is_tried_a_hold_gives_what_it_took_and_no_more(
    amount: int, steps: list[tuple[int, bool, int]], seconds: int | None
) -> None:
    expires_at = None if seconds is None else NOON + seconds * SECOND
    hold, now, paid, released = a_hold(amount, expires_at=expires_at), NOON, 0, 0
    for captured, final, pause in steps:
        now += pause * SECOND
        before, hold = hold, hold.as_of(now)
        released += before.remaining - hold.remaining
        try:
            after = (
                hold.after_capture(captured, now, final=final) if captured else hold.after_void(now)
            )
        except Refusal:
            continue
        paid += after.captured - hold.captured
        released += hold.remaining - after.remaining - (after.captured - hold.captured)
        assert hold.status is HoldStatus.PENDING  # only a pending hold takes a step
        assert expires_at is None or now < expires_at
        hold = after
    assert hold.captured == paid
    assert hold.amount == paid + released + hold.remaining
    assert (hold.remaining > 0) == (hold.status is HoldStatus.PENDING)
