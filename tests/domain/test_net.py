"""A transaction is judged by what it does to each wallet as a whole, not by the order of its legs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.books import Books
from domain.errors import (
    AccountClosed,
    AccountFrozen,
    BalanceLimitExceeded,
    CurrencyMismatch,
    CurrencyNotEnabled,
    InsufficientFunds,
    Refusal,
    SystemWalletNamed,
    WalletNotFound,
)
from domain.money import AMOUNT_MINOR_MAX
from domain.post import post
from domain.transaction import Leg
from domain.wallet import Status, Wallet, external_wallet_id
from tests.domain.examples import NOBODY, a_wallet, an_entry, books_of, leg

Amounts = list[tuple[int, int]]


def test_a_wallet_may_be_short_between_two_legs_of_one_transaction() -> None:
    ada, bob = a_wallet(), a_wallet(100)
    books = books_of(ada, bob)
    made = post(an_entry(leg(ada, -70), leg(bob, 70), leg(bob, -70), leg(ada, 70)), books)
    assert [(each.balance_after, each.wallet_version) for each in made.postings] == [
        (-70, 1),
        (170, 1),
        (100, 2),
        (0, 2),
    ]
    assert (books.wallets[ada.id].balance, books.wallets[bob.id].balance) == (0, 100)


def test_a_wallet_may_not_be_short_in_the_end() -> None:
    ada, bob = a_wallet(99), a_wallet()
    legs = (leg(ada, 50), leg(bob, -50), leg(bob, 150), leg(ada, -150))
    with pytest.raises(InsufficientFunds) as refused:
        post(an_entry(*legs), books_of(ada, bob))
    assert refused.value.data == {"wallet_id": str(ada.id), "available": 99}
    assert "100 was asked for" in refused.value.detail


def test_a_wallet_may_hold_too_much_between_two_legs_but_not_in_the_end() -> None:
    ada, bob = a_wallet(1000), a_wallet(max_balance=100)
    post(an_entry(leg(ada, -500), leg(bob, 500), leg(bob, -400), leg(ada, 400)), books_of(ada, bob))
    legs = (leg(ada, -500), leg(bob, 500), leg(bob, -399), leg(ada, 399))
    with pytest.raises(BalanceLimitExceeded):
        post(an_entry(*legs), books_of(ada, bob))


def test_what_comes_back_does_not_leave_a_frozen_wallet() -> None:
    ada, bob = a_wallet(100, status=Status.FROZEN), a_wallet(100)
    back = (leg(ada, -100), leg(bob, 100), leg(bob, -100), leg(ada, 100))
    post(an_entry(*back), books_of(ada, bob))
    less = (leg(ada, -100), leg(bob, 100), leg(bob, -99), leg(ada, 99))
    with pytest.raises(AccountFrozen):
        post(an_entry(*less), books_of(ada, bob))


def test_a_wallet_above_its_limit_may_be_left_as_it_is() -> None:
    ada, bob = a_wallet(100, max_balance=50), a_wallet()
    legs = (leg(ada, -100), leg(bob, 100), leg(bob, -100), leg(ada, 100))
    assert len(post(an_entry(*legs), books_of(ada, bob)).postings) == 4


def test_no_balance_leaves_the_range_of_amounts_on_the_way() -> None:
    half = AMOUNT_MINOR_MAX // 2 + 1
    ada, bob = a_wallet(), a_wallet()
    legs = [leg(ada, -half), leg(bob, half)] * 2 + [leg(ada, half), leg(bob, -half)] * 2
    for order in (legs, legs[::-1], legs[::2] + legs[1::2]):
        with pytest.raises(BalanceLimitExceeded, match="on the way"):
            post(an_entry(*order), books_of(ada, bob))


ROUND = [(0, -10), (1, 10), (1, -10), (0, 10)]
REFUSED: list[tuple[str, Amounts, type[Refusal]]] = [
    ("closed unknown", ROUND, WalletNotFound),
    ("closed system", ROUND, SystemWalletNamed),
    ("closed", ROUND, AccountClosed),
    ("frozen poor", [(0, -10), (1, 10), (0, -10), (1, 10)], AccountFrozen),
    ("poor", [(0, -10), (1, 10), (0, -10), (1, 10)], InsufficientFunds),
    ("full", [(0, 10), (1, -10), (0, 10), (1, -10)], BalanceLimitExceeded),
]


@pytest.mark.parametrize(("wrong", "amounts", "expected"), REFUSED, ids=[r[0] for r in REFUSED])
def test_what_is_checked_first_is_what_is_refused(
    wrong: str, amounts: Amounts, expected: type[Refusal]
) -> None:
    status = Status.CLOSED if "closed" in wrong else Status.FROZEN
    first = a_wallet(
        5 if "poor" in wrong else 1000,
        status=status if {"closed", "frozen"} & {*wrong.split()} else Status.ACTIVE,
        max_balance=1000 if "full" in wrong else None,
    )
    second = a_wallet(1000)
    names = [first.id, second.id]
    names[1] = NOBODY if "unknown" in wrong else names[1]
    names[1] = external_wallet_id("USD") if "system" in wrong else names[1]
    books = books_of(first, second)
    with pytest.raises(expected):
        post(an_entry(*(leg(names[which], amount) for which, amount in amounts)), books)
    assert books.touched == {}


def test_a_currency_that_is_not_the_wallets_is_refused_in_any_leg() -> None:
    ada, bob = a_wallet(100), a_wallet(100, currency="EUR")
    for currency, expected in (("EUR", CurrencyMismatch), ("XQX", CurrencyNotEnabled)):
        legs = [leg(ada, -1), leg(ada, 1), leg(ada, -1, currency), leg(bob, 1, currency)]
        with pytest.raises(expected):
            post(an_entry(*legs), books_of(ada, bob))


# The order of legs.


@st.composite
def journals(draw: st.DrawFn) -> tuple[list[Wallet], list[Leg]]:
    """A few wallets of many kinds, and balanced legs on them."""
    kinds = st.builds(
        a_wallet,
        st.integers(0, 30),
        overdraft_limit=st.integers(0, 10),
        max_balance=st.none() | st.integers(30, 60),
        status=st.sampled_from([Status.ACTIVE] * 4 + [Status.FROZEN]),
    )
    wallets = draw(st.lists(kinds, min_size=1, max_size=3))
    some = st.tuples(st.sampled_from(wallets), st.integers(-40, 40).filter(bool))
    legs = [leg(wallet, amount) for wallet, amount in draw(st.lists(some, min_size=1, max_size=6))]
    rest = sum(each.amount for each in legs)
    if rest or len(legs) == 1:
        legs.append(leg(draw(st.sampled_from(wallets)), -rest or 1))
    return wallets, legs


def outcome(wallets: list[Wallet], legs: list[Leg]) -> Books | None:
    """The books after the transaction; None when it is refused."""
    books = books_of(*wallets)
    try:
        post(an_entry(*legs), books)
    except Refusal:
        return None
    return books


@given(journals(), st.data())
def test_the_order_of_legs_decides_nothing(
    journal: tuple[list[Wallet], list[Leg]], data: st.DataObject
) -> None:
    wallets, legs = journal
    there, other = outcome(wallets, legs), outcome(wallets, data.draw(st.permutations(legs)))
    assert (there is None) == (other is None)
    if there is not None and other is not None:
        assert there.wallets == other.wallets


@given(journals())
def test_every_wallet_ends_within_its_limits_with_its_postings_in_a_chain(
    journal: tuple[list[Wallet], list[Leg]],
) -> None:
    wallets, legs = journal
    books = outcome([*wallets], legs)
    if books is None:
        return
    posted = books.new_transactions[0].postings
    for before in wallets:
        after, balance = books.wallets[before.id], before.balance
        for version, posting in enumerate(
            [each for each in posted if each.wallet_id == before.id], start=1
        ):
            balance += posting.amount
            assert (posting.balance_after, posting.wallet_version) == (balance, version)
        assert after.balance == balance
        assert after.available + after.overdraft_limit >= 0
        assert after.max_balance is None or after.balance <= max(after.max_balance, before.balance)
