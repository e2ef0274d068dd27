"""What a reversal posts: the opposite of its original, whole or in parts that never come to more."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import ExceedsOriginal, NotReversible
from domain.money import AMOUNT_MINOR_MAX
from domain.reversal import Original, in_proportion
from domain.transaction import Leg, Posting, TransactionType
from domain.wallet import external_wallet_id
from tests.domain.examples import an_id

SHORT = settings(max_examples=300, deadline=None, derandomize=True)
OUTSIDE = external_wallet_id("USD")
ADA, BOB, EVE, FEE = (an_id() for _ in range(4))


def an_original(
    *moves: tuple[UUID, int] | tuple[UUID, int, str],
    type: TransactionType = TransactionType.JOURNAL,
    back: Mapping[UUID, int] | None = None,
) -> Original:
    """Each move is a wallet, its signed amount and, when it is not USD, the currency."""
    postings = []
    for wallet_id, amount, *currency in moves:
        numbered: dict[str, Any] = {"balance_after": 0, "wallet_version": 1}
        postings.append(
            Posting(
                wallet_id=wallet_id,
                amount=amount,
                currency=currency[0] if currency else "USD",
                **({} if wallet_id == OUTSIDE else numbered),
            )
        )
    return Original(id=an_id(), type=type, postings=tuple(postings), reversed=back or {})


def amounts(legs: Sequence[Leg]) -> list[tuple[UUID, int]]:
    return [(leg.wallet_id, leg.amount) for leg in legs]


def posted(legs: Sequence[Leg]) -> list[Posting]:
    return [Posting(wallet_id=o.wallet_id, amount=o.amount, currency=o.currency) for o in legs]


# The whole.


def test_the_whole_is_the_opposite_for_each_wallet() -> None:
    original = an_original((ADA, -100), (BOB, 70), (EVE, 30))
    assert amounts(original.legs_back(None)) == [(ADA, 100), (BOB, -70), (EVE, -30)]


def test_a_wallet_in_several_legs_is_reversed_by_their_sum() -> None:
    original = an_original((ADA, -50), (BOB, -50), (ADA, 80), (BOB, 20))
    assert amounts(original.legs_back(None)) == [(ADA, -30), (BOB, 30)]


def test_a_wallet_that_gained_and_lost_as_much_is_left_alone() -> None:
    original = an_original((ADA, -50), (BOB, 40), (ADA, 50), (EVE, -40))
    assert amounts(original.legs_back(None)) == [(BOB, -40), (EVE, 40)]


def test_what_came_from_outside_goes_there_again() -> None:
    replenishment = an_original((OUTSIDE, -100), (ADA, 100), type=TransactionType.REPLENISHMENT)
    legs = replenishment.legs_back(None)
    assert [(leg.wallet_id, leg.amount, leg.system) for leg in legs] == [
        (OUTSIDE, 100, True),
        (ADA, -100, False),
    ]


def test_several_currencies_go_back_together() -> None:
    original = an_original((ADA, -100), (BOB, 100), (EVE, -90, "EUR"), (FEE, 90, "EUR"))
    legs = original.legs_back(None)
    assert [(leg.amount, leg.currency) for leg in legs] == [
        (100, "USD"),
        (-100, "USD"),
        (90, "EUR"),
        (-90, "EUR"),
    ]


def test_more_than_a_posting_counts_goes_back_in_two() -> None:
    most = AMOUNT_MINOR_MAX
    original = an_original((ADA, most), (BOB, -most), (ADA, most), (EVE, -most))
    assert amounts(original.legs_back(None)) == [
        (ADA, -most),
        (ADA, -most),
        (BOB, most),
        (EVE, most),
    ]


# A part.


def test_a_part_of_a_transfer_goes_back() -> None:
    original = an_original((ADA, -100), (BOB, 100), type=TransactionType.TRANSFER)
    assert amounts(original.legs_back(30)) == [(ADA, 30), (BOB, -30)]


def test_who_was_paid_more_gives_more_back() -> None:
    original = an_original((ADA, -1000), (BOB, 700), (EVE, 270), (FEE, 30))
    assert amounts(original.legs_back(100)) == [(ADA, 100), (BOB, -70), (EVE, -27), (FEE, -3)]


def test_a_part_is_shared_by_what_remains_not_by_what_was_paid() -> None:
    original = an_original((ADA, -100), (BOB, 50), (EVE, 50), back={ADA: 40, BOB: -40})
    assert amounts(original.legs_back(30)) == [(ADA, 30), (BOB, -5), (EVE, -25)]


def test_a_cent_comes_from_the_first_of_those_who_round_alike() -> None:
    original = an_original((ADA, -100), (BOB, 50), (EVE, 50))
    assert amounts(original.legs_back(1)) == [(ADA, 1), (BOB, -1)]


def test_several_payers_get_back_in_proportion_too() -> None:
    original = an_original((ADA, -60), (BOB, -40), (EVE, 100))
    assert amounts(original.legs_back(10)) == [(ADA, 6), (BOB, 4), (EVE, -10)]


def test_after_some_parts_the_rest_goes_back() -> None:
    original = an_original((ADA, -100), (BOB, 100))
    for amount in (30, 20):
        original = original.after(posted(original.legs_back(amount)))
    assert amounts(original.legs_back(None)) == [(ADA, 50), (BOB, -50)]


# What is refused.

TWO_CURRENCIES = ((ADA, -9), (BOB, 9), (EVE, -8, "EUR"), (FEE, 8, "EUR"))
A_PAYMENT = ((ADA, -9), (BOB, 9))
DONE = {ADA: 9, BOB: -9}
REFUSED: list[tuple[str, Original, int | None, type[Exception]]] = [
    (
        "a reversal, of whatever amount",
        an_original(*TWO_CURRENCIES, type=TransactionType.REVERSAL),
        10,
        NotReversible,
    ),
    ("a reversal as a whole", an_original(*A_PAYMENT, type=TransactionType.REVERSAL), None, NotReversible),
    ("a part of two currencies, too large too", an_original(*TWO_CURRENCIES), 10, NotReversible),
    ("more than it moved", an_original(*A_PAYMENT), 10, ExceedsOriginal),
    ("more than remains", an_original(*A_PAYMENT, back={ADA: 4, BOB: -4}), 6, ExceedsOriginal),
    ("a part of nothing", an_original(*A_PAYMENT, back=DONE), 1, ExceedsOriginal),
    ("all of nothing", an_original(*A_PAYMENT, back=DONE), None, ExceedsOriginal),
    (
        "what has moved nothing in the end",
        an_original((ADA, -9), (ADA, 9)),
        None,
        ExceedsOriginal,
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("original", "amount", "error"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_cannot_be_taken_back_is_refused(
    original: Original, amount: int | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        original.legs_back(amount)


def test_the_refusal_says_what_remains() -> None:
    original = an_original(*A_PAYMENT, back={ADA: 4, BOB: -4})
    with pytest.raises(ExceedsOriginal) as refused:
        original.legs_back(6)
    assert refused.value.data == {"transaction_id": str(original.id), "remaining": 5}


# Whatever the original, whatever the parts.

# A move is from one of five wallets (the last is the outside) to another one, so that all moves balance.
MOVES = st.lists(
    st.tuples(
        st.integers(0, 4), st.integers(0, 4), st.one_of(st.integers(1, 9), st.integers(1, 10**15))
    ).filter(lambda move: move[0] != move[1]),
    min_size=1,
    max_size=6,
)
PARTS = st.lists(st.one_of(st.integers(1, 9), st.integers(1, 10**15), st.none()), max_size=12)
WALLETS = (ADA, BOB, EVE, FEE, OUTSIDE)


def of_moves(moves: Sequence[tuple[int, int, int]]) -> Original:
    """The outside stands in one leg, as it does in all that the service makes."""
    legs = [
        leg
        for source, destination, amount in moves
        for leg in ((WALLETS[source], -amount), (WALLETS[destination], amount))
    ]
    outside = sum(amount for wallet_id, amount in legs if wallet_id == OUTSIDE)
    own = [leg for leg in legs if leg[0] != OUTSIDE]
    return an_original(*own, *([(OUTSIDE, outside)] if outside else []))


def nets(postings: Sequence[Posting | Leg]) -> Counter[UUID]:
    sums: Counter[UUID] = Counter()
    for posting in postings:
        sums[posting.wallet_id] += posting.amount
    return sums


@SHORT
@given(MOVES, PARTS)
def test_no_parts_take_back_more_than_was_moved_and_in_the_end_all_is_back(
    moves: Sequence[tuple[int, int, int]], parts: Sequence[int | None]
) -> None:
    original = of_moves(moves)
    moved, back = nets(original.postings), Counter[UUID]()
    for amount in [*parts, None]:
        try:
            legs = original.legs_back(amount)
        except ExceedsOriginal:
            continue
        assert sum(leg.amount for leg in legs) == 0
        assert amount in (None, sum(leg.amount for leg in legs if leg.amount > 0))
        assert all(leg.amount for leg in legs)
        assert all(leg.system == (leg.wallet_id == OUTSIDE) for leg in legs)
        for leg in legs:
            assert leg.amount * moved[leg.wallet_id] < 0
            back[leg.wallet_id] += leg.amount
            assert abs(back[leg.wallet_id]) <= abs(moved[leg.wallet_id])
        original = original.after(posted(legs))
    assert {id: -amount for id, amount in moved.items()} == {id: back[id] for id in moved}


@SHORT
@given(MOVES, st.integers(1, 10**15))
def test_each_gives_back_its_share_to_less_than_a_cent(
    moves: Sequence[tuple[int, int, int]], amount: int
) -> None:
    original = of_moves(moves)
    moved = nets(original.postings)
    total = sum(each for each in moved.values() if each > 0)
    if not 0 < amount <= total:
        return
    back = nets(original.legs_back(amount))
    assert all(abs(-back[id] * total - each * amount) < total for id, each in moved.items())


@SHORT
@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=8), st.data())
def test_parts_in_proportion_make_the_whole_and_none_is_above_its_weight(
    weights: list[int], data: st.DataObject
) -> None:
    amount = data.draw(st.integers(0, sum(weights)))
    parts = in_proportion(amount, weights)
    assert sum(parts) == amount
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@pytest.mark.parametrize("amount", [-1, 11])
def test_what_is_not_there_cannot_be_shared(amount: int) -> None:
    with pytest.raises(ValueError, match="cannot be shared"):
        in_proportion(amount, [4, 6])
