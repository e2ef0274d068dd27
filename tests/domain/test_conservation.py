"""Whatever is posted, in whatever order: money is neither made nor lost."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import integrity
from domain.books import Books
from domain.errors import Refusal
from domain.money import AMOUNT_MINOR_MAX
from domain.post import post
from domain.transaction import Entry
from domain.wallet import Status, Wallet
from tests.domain.examples import NOON, a_payment, a_replenishment, a_wallet, books_of

# (source, destination, amount): a source of 4 is the outside.
MOVES = st.tuples(
    st.integers(0, 4),
    st.integers(0, 3),
    st.one_of(st.integers(1, 50), st.just(AMOUNT_MINOR_MAX)),
)
SHORT = settings(max_examples=100, deadline=None, derandomize=True)


def four_wallets() -> list[Wallet]:
    return [
        a_wallet(),
        a_wallet(overdraft_limit=20, last_posted_at=NOON + timedelta(days=1)),
        a_wallet(max_balance=60),
        a_wallet(status=Status.FROZEN),
    ]


def entry_of(move: tuple[int, int, int], wallets: list[Wallet]) -> Entry:
    source, destination, amount = move
    if source == 4:
        return a_replenishment(wallets[destination], amount)
    return a_payment(wallets[source], wallets[destination], amount)


def post_all(moves: list[tuple[int, int, int]], wallets: list[Wallet]) -> tuple[Books, int]:
    """The books after all moves, with the amount that came from outside."""
    books, entered = books_of(*wallets), 0
    for move in moves:
        try:
            post(entry_of(move, wallets), books)
        except Refusal:
            continue
        entered += move[2] if move[0] == 4 else 0
    return books, entered


@SHORT
@given(st.lists(MOVES, max_size=30))
def test_the_wallets_hold_together_what_has_entered(moves: list[tuple[int, int, int]]) -> None:
    books, entered = post_all(moves, four_wallets())
    assert sum(wallet.balance for wallet in books.wallets.values()) == entered


@SHORT
@given(st.lists(MOVES, max_size=30))
def test_no_wallet_is_overdrawn_or_overfull(moves: list[tuple[int, int, int]]) -> None:
    books, _ = post_all(moves, four_wallets())
    for wallet in books.wallets.values():
        highest = wallet.max_balance or AMOUNT_MINOR_MAX
        assert -wallet.overdraft_limit <= wallet.balance <= highest


@SHORT
@given(st.lists(MOVES, max_size=30))
def test_each_wallets_time_moves_forward(moves: list[tuple[int, int, int]]) -> None:
    wallets = four_wallets()
    books, _ = post_all(moves, wallets)
    for wallet in wallets:
        times = [wallet.last_posted_at] + [
            made.created_at
            for made in books.new_transactions
            if wallet.id in {posting.wallet_id for posting in made.postings}
        ]
        assert all(earlier < later for earlier, later in pairwise(times))


@SHORT
@given(st.lists(MOVES, max_size=30))
def test_the_books_add_up(moves: list[tuple[int, int, int]]) -> None:
    wallets = [wallet for wallet in four_wallets() if wallet.last_posted_at < NOON]
    books, _ = post_all([(s % 3 if s < 4 else 4, d % 3, a) for s, d, a in moves], wallets)
    report = integrity.check(books.new_transactions, list(books.wallets.values()))
    assert report.findings == ()
