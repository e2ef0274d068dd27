"""How a transaction changes the books, or is refused without a trace."""

from copy import deepcopy
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest

from domain.books import Books
from domain.errors import (
    AccountClosed,
    AccountFrozen,
    BalanceLimitExceeded,
    CurrencyMismatch,
    CurrencyNotEnabled,
    InsufficientFunds,
    ReferenceTaken,
    Refusal,
    SystemWalletNamed,
    Unbalanced,
    WalletNotFound,
)
from domain.post import post
from domain.transaction import Entry, Posting, Transaction, TransactionType
from domain.wallet import Status, Wallet, external_wallet_id
from tests.domain.examples import (
    NOBODY,
    NOON,
    a_payment,
    a_replenishment,
    a_wallet,
    an_entry,
    an_id,
    books_of,
    leg,
    outside,
)

MICROSECOND = timedelta(microseconds=1)


def balances(books: Books, *wallets: Wallet) -> list[int]:
    return [books.wallets[wallet.id].balance for wallet in wallets]


def versions(books: Books, *wallets: Wallet) -> list[int]:
    return [books.wallets[wallet.id].version for wallet in wallets]


# Where the money goes.


def test_a_payment_leaves_one_wallet_and_enters_the_other() -> None:
    ada, bob = a_wallet(1000), a_wallet(50)
    books = books_of(ada, bob)
    post(a_payment(ada, bob, 300), books)
    assert balances(books, ada, bob) == [700, 350]


def test_a_payment_has_one_posting_on_each_of_its_two_wallets() -> None:
    ada, bob = a_wallet(1000, version=7), a_wallet(50, version=2)
    made = post(a_payment(ada, bob, 300), books_of(ada, bob))
    assert made.postings == (
        Posting(wallet_id=ada.id, amount=-300, currency="USD", balance_after=700, wallet_version=8),
        Posting(wallet_id=bob.id, amount=300, currency="USD", balance_after=350, wallet_version=3),
    )


def test_a_replenishment_is_posted_against_the_external_wallet_of_its_currency() -> None:
    ada = a_wallet(10)
    made = post(a_replenishment(ada, 500), books_of(ada))
    assert made.postings == (
        Posting(wallet_id=external_wallet_id("USD"), amount=-500, currency="USD"),
        Posting(wallet_id=ada.id, amount=500, currency="USD", balance_after=510, wallet_version=1),
    )


def test_the_external_wallet_has_neither_a_version_nor_a_running_balance() -> None:
    ada = a_wallet()
    made = post(a_replenishment(ada, 500), books_of(ada))
    assert (made.postings[0].wallet_version, made.postings[0].balance_after) == (None, None)


def test_the_external_wallet_is_no_wallet_of_the_books() -> None:
    ada = a_wallet()
    books = books_of(ada)
    post(a_replenishment(ada, 500), books)
    assert set(books.wallets) == set(books.touched) == {ada.id}


def test_money_moved_from_a_wallet_to_itself_is_neither_made_nor_lost() -> None:
    ada = a_wallet(100, version=4)
    books = books_of(ada)
    made = post(an_entry(leg(ada, -100), leg(ada, 100)), books)
    assert (balances(books, ada), versions(books, ada)) == ([100], [6])
    assert [(each.balance_after, each.wallet_version) for each in made.postings] == [
        (0, 5),
        (100, 6),
    ]


def test_every_currency_of_a_transaction_balances_by_itself() -> None:
    dollars, euros = a_wallet(100), a_wallet(100, currency="EUR")
    books = books_of(dollars, euros)
    legs = (leg(dollars, -100), outside(100), outside(-90, "EUR"), leg(euros, 90, "EUR"))
    post(an_entry(*legs), books)
    assert balances(books, dollars, euros) == [0, 190]


# What is written.


def test_a_transaction_says_all_that_was_asked_for() -> None:
    ada = a_wallet()
    entry = a_replenishment(ada, 5, reference="gift", description="For Ada", metadata={"shop": "7"})
    made = post(entry, books_of(ada))
    assert made == Transaction(
        id=entry.id,
        type=TransactionType.REPLENISHMENT,
        reference="gift",
        description="For Ada",
        metadata={"shop": "7"},
        reverses=None,
        actor="tester",
        request_id="request-1",
        created_at=NOON,
        postings=made.postings,
    )


def test_a_transaction_enters_the_books_once() -> None:
    ada, bob = a_wallet(1000), a_wallet()
    books = books_of(ada, bob)
    made = post(a_payment(ada, bob, 300), books)
    assert books.new_transactions == [made]


def test_only_the_wallets_that_a_transaction_names_are_touched() -> None:
    ada, bob, eve = a_wallet(1000), a_wallet(), a_wallet(5)
    books = books_of(ada, bob, eve)
    post(a_payment(ada, bob, 300), books)
    assert set(books.touched) == {ada.id, bob.id}
    assert books.wallets[eve.id] == eve


def test_only_balance_version_and_time_of_a_wallet_change() -> None:
    given: dict[str, Any] = {"held": 5, "overdraft_limit": 20, "max_balance": 5000}
    ada = a_wallet(1000, version=3, **given)
    bob = a_wallet()
    books = books_of(ada, bob)
    post(a_payment(ada, bob, 300), books)
    assert books.wallets[ada.id] == Wallet(
        id=ada.id,
        account_id=ada.account_id,
        currency="USD",
        balance=700,
        version=4,
        last_posted_at=NOON,
        **given,
    )


def test_a_later_transaction_sees_what_an_earlier_one_did() -> None:
    ada, bob, eve = a_wallet(100), a_wallet(), a_wallet()
    books = books_of(ada, bob, eve)
    post(a_payment(ada, bob, 100), books)
    post(a_payment(bob, eve, 60), books)
    assert balances(books, ada, bob, eve) == [0, 40, 60]
    assert versions(books, ada, bob, eve) == [1, 2, 1]


def test_money_cannot_be_spent_twice_in_one_batch() -> None:
    ada, bob, eve = a_wallet(100), a_wallet(), a_wallet()
    books = books_of(ada, bob, eve)
    post(a_payment(ada, bob, 60), books)
    with pytest.raises(InsufficientFunds):
        post(a_payment(ada, eve, 60), books)
    assert balances(books, ada, bob, eve) == [40, 60, 0]


def test_a_reference_is_taken_by_the_transaction_that_used_it() -> None:
    ada = a_wallet()
    books = books_of(ada)
    post(a_replenishment(ada, 5, reference="gift"), books)
    with pytest.raises(ReferenceTaken):
        post(a_replenishment(ada, 5, reference="gift"), books)


def test_a_refused_transaction_leaves_its_reference_free() -> None:
    ada, bob = a_wallet(), a_wallet()
    books = books_of(ada, bob)
    with pytest.raises(InsufficientFunds):
        post(a_payment(ada, bob, 5, reference="gift"), books)
    made = post(a_replenishment(ada, 5, reference="gift"), books)
    assert made.reference == "gift"


# When it happened.


def test_a_transaction_happens_now() -> None:
    ada, bob = a_wallet(100, last_posted_at=NOON - MICROSECOND), a_wallet()
    assert post(a_payment(ada, bob, 1), books_of(ada, bob)).created_at == NOON


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(microseconds=5), timedelta(days=3)])
def test_a_wallets_time_moves_forward_even_when_the_clock_is_behind(ahead: timedelta) -> None:
    ada, bob = a_wallet(100), a_wallet(last_posted_at=NOON + ahead)
    books = books_of(ada, bob)
    made = post(a_payment(ada, bob, 1), books)
    assert made.created_at == NOON + ahead + MICROSECOND
    assert {books.wallets[each.id].last_posted_at for each in (ada, bob)} == {made.created_at}


def test_a_transaction_is_later_than_the_last_one_of_each_of_its_wallets() -> None:
    early, late = NOON + timedelta(seconds=1), NOON + timedelta(seconds=2)
    ada, bob = a_wallet(100, last_posted_at=late), a_wallet(last_posted_at=early)
    assert post(a_payment(ada, bob, 1), books_of(ada, bob)).created_at == late + MICROSECOND


def test_two_transactions_of_one_moment_are_a_microsecond_apart_on_their_wallet() -> None:
    ada, bob, eve = a_wallet(100), a_wallet(), a_wallet()
    books = books_of(ada, bob, eve)
    times = [post(a_payment(ada, other, 1), books).created_at for other in (bob, eve)]
    assert times == [NOON, NOON + MICROSECOND]


def test_a_wallet_does_not_wait_for_the_time_of_another() -> None:
    ahead, ada = a_wallet(last_posted_at=NOON + timedelta(days=3)), a_wallet()
    books = books_of(ahead, ada)
    post(a_replenishment(ahead, 1), books)
    assert post(a_replenishment(ada, 1), books).created_at == NOON


# What is refused.

PRECEDENCE: list[tuple[str, type[Refusal]]] = [
    ("legs that do not balance", Unbalanced),
    ("a system wallet", SystemWalletNamed),
    ("an unknown wallet", WalletNotFound),
    ("a reference in use", ReferenceTaken),
    ("source closed", AccountClosed),
    ("source frozen", AccountFrozen),
    ("source of another currency", CurrencyMismatch),
    ("source short of money", InsufficientFunds),
    ("destination closed", AccountClosed),
    ("destination of another currency", CurrencyMismatch),
    ("destination full", BalanceLimitExceeded),
]
IMPOSSIBLE = {("source closed", "source frozen")}
ALONE = [((wrong,), expected) for wrong, expected in PRECEDENCE]
TOGETHER = [
    ((first, second), expected)
    for (first, expected), (second, _) in combinations(PRECEDENCE, 2)
    if (first, second) not in IMPOSSIBLE
]


def a_wrong_payment(*wrong: str) -> tuple[Entry, Books, dict[str, Wallet]]:
    """A payment of 100 with exactly these things wrong, and the books it comes to."""
    sides = {"source": a_wallet(**_wrong_side("source", wrong))}
    sides["destination"] = a_wallet(**_wrong_side("destination", wrong))
    entered = 101 if "legs that do not balance" in wrong else 100
    legs = [leg(sides["source"], -100), leg(sides["destination"], entered)]
    if "a system wallet" in wrong:
        legs += [leg(external_wallet_id("EUR"), -1), leg(external_wallet_id("EUR"), 1)]
    if "an unknown wallet" in wrong:
        legs += [leg(NOBODY, -1), leg(NOBODY, 1)]
    used = {"rent"} if "a reference in use" in wrong else set()
    books = books_of(*sides.values(), transaction_references=used)
    return an_entry(*legs, reference="rent"), books, sides


def _wrong_side(side: str, wrong: tuple[str, ...]) -> dict[str, Any]:
    right: dict[str, Any] = {"balance": 100 if side == "source" else 0}
    changes: dict[str, dict[str, Any]] = {
        f"{side} closed": {"status": Status.CLOSED},
        f"{side} frozen": {"status": Status.FROZEN},
        f"{side} of another currency": {"currency": "EUR"},
        f"{side} short of money": {"balance": 99},
        f"{side} full": {"max_balance": 99},
    }
    for each in wrong:
        right |= changes.get(each, {})
    return right


def test_a_payment_with_nothing_wrong_is_made() -> None:
    entry, books, sides = a_wrong_payment()
    post(entry, books)
    assert balances(books, sides["source"], sides["destination"]) == [0, 100]


@pytest.mark.parametrize(("wrong", "expected"), ALONE + TOGETHER)
def test_what_is_checked_first_is_what_is_refused(
    wrong: tuple[str, ...], expected: type[Refusal]
) -> None:
    entry, books, sides = a_wrong_payment(*wrong)
    with pytest.raises(expected) as refused:
        post(entry, books)
    side = wrong[0].split()[0]
    if side in sides:
        assert refused.value.data["wallet_id"] == str(sides[side].id)


@pytest.mark.parametrize("wrong", [wrong for wrong, _ in ALONE])
def test_a_refused_transaction_leaves_the_books_as_they_were(wrong: tuple[str, ...]) -> None:
    entry, books, _ = a_wrong_payment(*wrong)
    before = deepcopy(books)
    with pytest.raises(Refusal):
        post(entry, books)
    assert books == before


@pytest.mark.parametrize("amounts", [(), (0,), (5,), (-5, 4), (5, 5)])
def test_a_transaction_needs_two_legs_that_sum_to_zero(amounts: tuple[int, ...]) -> None:
    ada = a_wallet(100)
    with pytest.raises(Unbalanced):
        post(an_entry(*(leg(ada, amount) for amount in amounts)), books_of(ada))


def test_one_currency_does_not_balance_another() -> None:
    dollars, euros = a_wallet(100), a_wallet(currency="EUR")
    with pytest.raises(Unbalanced):
        post(an_entry(leg(dollars, -5), leg(euros, 5, "EUR")), books_of(dollars, euros))


def test_money_enters_a_frozen_wallet() -> None:
    ada, bob = a_wallet(100), a_wallet(status=Status.FROZEN)
    books = books_of(ada, bob)
    post(a_payment(ada, bob, 100), books)
    assert balances(books, ada, bob) == [0, 100]


def test_naming_the_external_wallet_of_a_currency_mints_no_money() -> None:
    ada = a_wallet()
    books = books_of(ada)
    with pytest.raises(SystemWalletNamed):
        post(an_entry(leg(external_wallet_id("USD"), -100), leg(ada, 100)), books)
    assert balances(books, ada) == [0]


def test_an_id_of_nothing_is_not_found() -> None:
    ada, stranger = a_wallet(100), an_id()
    with pytest.raises(WalletNotFound) as refused:
        post(an_entry(leg(ada, -5), leg(stranger, 5)), books_of(ada))
    assert refused.value.data == {"wallet_id": str(stranger)}


def test_a_currency_that_is_nobodys_is_not_enabled_rather_than_another_one() -> None:
    dollars, more = a_wallet(100), a_wallet()
    with pytest.raises(CurrencyNotEnabled):
        post(an_entry(leg(dollars, -5, "XXX"), leg(more, 5, "XXX")), books_of(dollars, more))


def test_money_of_a_currency_that_is_no_longer_enabled_can_still_move() -> None:
    yen, more = a_wallet(100, currency="JPY"), a_wallet(currency="JPY")
    post(an_entry(leg(yen, -5, "JPY"), leg(more, 5, "JPY")), books_of(yen, more))
