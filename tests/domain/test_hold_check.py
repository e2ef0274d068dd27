"""Holds that add up, and what is found when one thing about them is damaged."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from domain.hold import Hold, HoldStatus
from domain.hold_check import check_holds, held_by_wallet
from domain.post import post
from domain.transaction import Transaction, TransactionType
from domain.wallet import Wallet
from tests.domain.examples import NOBODY, NOON, a_hold, a_wallet, an_entry, books_of, leg, outside


@dataclass
class Books:
    """Ada, who has 100, held 40, of which 15 was captured; Bob has a wallet in EUR."""

    holds: dict[UUID, Hold]
    transactions: list[Transaction]
    wallets: dict[UUID, Wallet]
    bob: Wallet

    @property
    def hold(self) -> Hold:
        return next(iter(self.holds.values()))

    def change_hold(self, **wrong: Any) -> None:
        self.holds[self.hold.id] = replace(self.hold, **wrong)

    def change_capture(self, **wrong: Any) -> None:
        self.transactions[0] = replace(self.transactions[0], **wrong)


def correct_books() -> Books:
    ada, bob = a_wallet(100, held=40), a_wallet(currency="EUR")
    hold = a_hold(40, wallet=ada).after_capture(15, NOON, final=False)
    books = books_of(ada, bob)
    legs = replace(leg(ada, -15), released=15), outside(15)
    made = post(an_entry(*legs, type=TransactionType.CAPTURE, hold_id=hold.id), books)
    return Books({hold.id: hold}, [made], books.wallets, bob)


DAMAGES: list[tuple[str, Callable[[Books], object], list[str]]] = [
    ("more captured than paid", lambda it: it.change_hold(captured=16), ["captured"]),
    ("the capture is gone", lambda it: it.transactions.clear(), ["captured"]),
    (
        "the capture is of no hold",
        lambda it: it.change_capture(hold_id=NOBODY),
        ["orphan-capture", "captured"],
    ),
    ("another currency", lambda it: it.change_hold(currency="EUR"), ["orphan-hold"]),
    (
        "a wallet that is not there",
        lambda it: it.change_hold(wallet_id=NOBODY),
        ["orphan-hold", "captured"],
    ),
    (
        "a destination of another currency",
        lambda it: it.change_hold(destination_wallet_id=it.bob.id),
        ["orphan-hold"],
    ),
    ("pending with nothing left", lambda it: it.change_hold(amount=15), ["hold-status"]),
    (
        "captured without a capture",
        lambda it: (
            it.transactions.clear(),
            it.change_hold(status=HoldStatus.CAPTURED, captured=0),
        ),
        ["hold-status"],
    ),
    (
        "expired without an instant",
        lambda it: it.change_hold(status=HoldStatus.EXPIRED),
        ["hold-status"],
    ),
]


def rules(books: Books) -> list[str]:
    return [each.rule for each in check_holds(books.holds, books.transactions, books.wallets)]


def test_correct_holds_have_no_findings() -> None:
    assert rules(correct_books()) == []


@pytest.mark.parametrize(
    ("damage", "found"), [row[1:] for row in DAMAGES], ids=[row[0] for row in DAMAGES]
)
def test_damage_is_found(damage: Callable[[Books], object], found: list[str]) -> None:
    books = correct_books()
    damage(books)
    assert rules(books) == found


def test_what_is_held_is_the_sum_of_what_remains() -> None:
    ada, bob = a_wallet(100), a_wallet(100)
    holds = [a_hold(10, wallet=ada), a_hold(7, wallet=ada), a_hold(5, wallet=bob).after_void(NOON)]
    assert held_by_wallet(holds) == {ada.id: 17, bob.id: 0}
