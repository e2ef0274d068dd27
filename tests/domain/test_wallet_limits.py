"""Which limits a wallet may have: never such as it is beyond already."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import AccountClosed, BalanceLimitExceeded, InsufficientFunds, Refusal
from domain.money import AMOUNT_MINOR_MAX
from domain.wallet import Status, Wallet
from tests.domain.examples import a_wallet

CLOSED, FROZEN = Status.CLOSED, Status.FROZEN

ALLOWED: list[tuple[str, dict[str, Any], int, int | None]] = [
    ("an overdraft", {}, 50, None),
    ("the largest of both", {}, AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX),
    ("no overdraft any more", {"overdraft_limit": 50}, 0, None),
    ("just the overdraft in use", {"balance": -30, "overdraft_limit": 50}, 30, None),
    ("just what held money uses", {"balance": 10, "held": 40, "overdraft_limit": 50}, 30, None),
    ("a maximum of what there is", {"balance": 100}, 0, 100),
    ("held money counts as there", {"balance": 100, "held": 30}, 0, 100),
    ("a maximum of nothing", {}, 0, 0),
    ("a maximum of nothing for a debt", {"balance": -5, "overdraft_limit": 5}, 5, 0),
    ("no maximum any more", {"balance": 9, "max_balance": 9}, 0, None),
    ("a frozen wallet's", {"status": FROZEN, "balance": 9}, 5, 10),
]

REFUSED: list[tuple[str, dict[str, Any], int, int | None, type[Refusal]]] = [
    ("less than is in use", {"balance": -30, "overdraft_limit": 50}, 29, None, InsufficientFunds),
    (
        "less than held money uses",
        {"balance": 10, "held": 40, "overdraft_limit": 50},
        29,
        None,
        InsufficientFunds,
    ),
    ("a maximum below the balance", {"balance": 100}, 0, 99, BalanceLimitExceeded),
    ("below it though it is held", {"balance": 100, "held": 100}, 0, 99, BalanceLimitExceeded),
    ("anything of a closed wallet", {"status": CLOSED}, 0, None, AccountClosed),
    # Two things wrong: the first that is checked is the one that is said.
    (
        "closed, in debt",
        {"status": CLOSED, "balance": -5, "overdraft_limit": 5},
        0,
        None,
        AccountClosed,
    ),
    (
        "in use, too full",
        {"balance": 10, "held": 40, "overdraft_limit": 50},
        29,
        9,
        InsufficientFunds,
    ),
]


@pytest.mark.parametrize(
    ("wallet", "overdraft", "most"), [row[1:] for row in ALLOWED], ids=[row[0] for row in ALLOWED]
)
def test_a_wallet_may_have(wallet: dict[str, Any], overdraft: int, most: int | None) -> None:
    before = a_wallet(**wallet)
    after = before.with_limits(overdraft_limit=overdraft, max_balance=most)
    assert (after.overdraft_limit, after.max_balance) == (overdraft, most)
    assert (after.balance, after.held, after.version, after.status) == (
        before.balance, before.held, before.version, before.status,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wallet", "overdraft", "most", "expected"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_a_wallet_may_not_have(
    wallet: dict[str, Any], overdraft: int, most: int | None, expected: type[Refusal]
) -> None:
    with pytest.raises(expected) as refused:
        a_wallet(**wallet).with_limits(overdraft_limit=overdraft, max_balance=most)
    assert "wallet_id" in refused.value.data


def test_a_refused_overdraft_says_what_is_available() -> None:
    with pytest.raises(InsufficientFunds) as refused:
        a_wallet(-30, overdraft_limit=50).with_limits(overdraft_limit=29, max_balance=None)
    assert refused.value.data["available"] == -30


def test_a_refused_maximum_says_it_again() -> None:
    with pytest.raises(BalanceLimitExceeded) as refused:
        a_wallet(30).with_limits(overdraft_limit=0, max_balance=29)
    assert refused.value.data["limit"] == 29


LIMITS = st.integers(0, 60)


@given(st.integers(-60, 60), LIMITS, LIMITS, LIMITS, st.none() | LIMITS)
def test_limits_are_taken_exactly_when_the_wallet_is_within_them(
    balance: int, held: int, before: int, overdraft: int, most: int | None
) -> None:
    wallet = a_wallet(balance, held=held, overdraft_limit=before)
    within = balance - held + overdraft >= 0 and (most is None or balance <= most)
    assert _takes(wallet, overdraft, most) is within


def _takes(wallet: Wallet, overdraft: int, most: int | None) -> bool:
    try:
        wallet.with_limits(overdraft_limit=overdraft, max_balance=most)
    except Refusal:
        return False
    return True
