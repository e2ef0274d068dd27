"""Reversals that add up, and what is found when one thing about them is damaged."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from domain.post import post
from domain.reversal_check import check_reversals
from domain.transaction import Posting, Transaction, TransactionType
from domain.wallet import Wallet
from tests.domain.examples import NOBODY, a_payment, a_wallet, an_entry, books_of, leg


@dataclass
class Books:
    """Ada paid 30 to Bob; 10 of it, and then 20, were taken back."""

    made: list[Transaction]
    ada: Wallet
    bob: Wallet

    def change(self, place: int, **wrong: Any) -> None:
        self.made[place] = replace(self.made[place], **wrong)

    def postings(self, *amounts: tuple[Wallet, int]) -> tuple[Posting, ...]:
        return tuple(
            Posting(wallet_id=each.id, amount=amount, currency="USD") for each, amount in amounts
        )


def correct_books() -> Books:
    ada, bob = a_wallet(100), a_wallet()
    books = books_of(ada, bob)
    original = post(a_payment(ada, bob, 30), books)
    for amount in (10, 20):
        legs = leg(ada, amount), leg(bob, -amount)
        post(an_entry(*legs, type=TransactionType.REVERSAL, reverses=original.id), books)
    return Books(made=books.new_transactions, ada=ada, bob=bob)


FIRST, SECOND = 1, 2
DAMAGES: list[tuple[str, Callable[[Books], object], list[str]]] = [
    (
        "the original is gone",
        lambda it: it.made.pop(0),
        ["orphan-reversal"] * 2 + ["over-reversed"] * 2,
    ),
    (
        "it reverses nothing",
        lambda it: it.change(SECOND, reverses=None),
        ["orphan-reversal"],
    ),
    (
        "it is no reversal",
        lambda it: it.change(SECOND, type=TransactionType.TRANSFER),
        ["orphan-reversal"],
    ),
    (
        "it reverses what never was",
        lambda it: it.change(SECOND, reverses=NOBODY),
        ["orphan-reversal"] + ["over-reversed"] * 2,
    ),
    (
        "it reverses a reversal",
        lambda it: it.change(
            SECOND,
            reverses=it.made[FIRST].id,
            postings=it.postings((it.ada, -10), (it.bob, 10)),
        ),
        ["orphan-reversal"],
    ),
    (
        "it was made with its original",
        lambda it: it.change(SECOND, created_at=it.made[0].created_at),
        ["early-reversal"],
    ),
    (
        "more than was moved",
        lambda it: it.change(SECOND, postings=it.postings((it.ada, 21), (it.bob, -21))),
        ["over-reversed"] * 2,
    ),
    (
        "the wrong way",
        lambda it: it.change(SECOND, postings=it.postings((it.ada, -11), (it.bob, 11))),
        ["over-reversed"] * 2,
    ),
    (
        "from somebody else",
        lambda it: it.change(
            SECOND, postings=it.postings((it.ada, 20), (a_wallet(), -15), (it.bob, -5))
        ),
        ["over-reversed"],
    ),
]


def rules(books: Books) -> list[str]:
    return [each.rule for each in check_reversals(books.made)]


def test_correct_reversals_have_no_findings() -> None:
    assert rules(correct_books()) == []


@pytest.mark.parametrize(
    ("damage", "found"), [row[1:] for row in DAMAGES], ids=[row[0] for row in DAMAGES]
)
def test_damage_is_found(damage: Callable[[Books], object], found: list[str]) -> None:
    books = correct_books()
    damage(books)
    assert rules(books) == found


def test_the_finding_says_what_was_posted_where() -> None:
    books = correct_books()
    books.change(SECOND, postings=books.postings((books.ada, 21), (books.bob, -21)))
    assert next(check_reversals(books.made)).sentence == (
        f"The transaction {books.made[0].id} posted -30 to wallet {books.ada.id};"
        " its reversals have posted 31 there."
    )
