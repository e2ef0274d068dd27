"""Quotes with their conversions that add up, and what is found when one thing about them is damaged."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from domain.money import Currency
from domain.post import post
from domain.quote import Quote
from domain.quote_check import check_quotes
from domain.transaction import Leg, Transaction, TransactionType
from domain.wallet import exchange_wallet_id, external_wallet_id
from tests.domain.examples import (
    NOBODY,
    a_payment,
    a_quote,
    a_wallet,
    an_entry,
    an_id,
    books_of,
    leg,
)

CURRENCIES = {code: Currency(code=code, exponent=2) for code in ("USD", "EUR")} | {
    "BHD": Currency(code="BHD", exponent=3)
}


@dataclass
class Books:
    """Ada has converted 10.50 USD into 9.63 EUR, then paid Bob 1.00 USD; another quote is open."""

    quotes: dict[UUID, Quote]
    transactions: list[Transaction]

    @property
    def quote(self) -> Quote:
        return next(iter(self.quotes.values()))

    def change_quote(self, **wrong: Any) -> None:
        self.quotes[self.quote.id] = replace(self.quote, **wrong)

    def change(self, number: int, **wrong: Any) -> None:
        self.transactions[number] = replace(self.transactions[number], **wrong)

    def change_posting(self, number: int, **wrong: Any) -> None:
        postings = list(self.transactions[0].postings)
        postings[number] = replace(postings[number], **wrong)
        self.change(0, postings=tuple(postings))


def correct_books() -> Books:
    ada, bob, euros = a_wallet(5000), a_wallet(), a_wallet(currency="EUR")
    quote, other = a_quote(), a_quote()
    books = books_of(ada, bob, euros, quotes={quote.id: quote, other.id: other})
    legs = [
        leg(ada, -1050),
        Leg.exchanged(1050, "USD"),
        Leg.exchanged(-963, "EUR"),
        leg(euros, 963, "EUR"),
    ]
    entry = an_entry(*legs, type=TransactionType.CONVERSION, quote_id=quote.id)
    made = [post(entry, books), post(a_payment(ada, bob, 100), books)]
    return Books(books.quotes, made)


DAMAGES: list[tuple[str, Callable[[Books], object], list[str]]] = [
    ("another rate", lambda it: it.change_quote(rate="0.92"), ["quote"]),
    ("another exact amount", lambda it: it.change_quote(exact="963.7"), ["quote"]),
    (
        "a rounding in the customer's favour",
        lambda it: it.change_quote(destination_amount=964),
        ["quote", "conversion"],
    ),
    (
        "an amount that comes to nothing",
        lambda it: it.change_quote(source_amount=1),
        ["quote", "conversion"],
    ),
    (
        "another exponent",
        lambda it: it.change_quote(destination_currency="BHD"),
        ["quote", "conversion"],
    ),
    (
        "a quote of twice as much at half the rate",
        lambda it: it.change_quote(source_amount=2100, rate="0.4589"),
        ["conversion"],
    ),
    (
        "legs by way of the external wallet",
        lambda it: it.change_posting(1, wallet_id=external_wallet_id("USD")),
        ["conversion"],
    ),
    (
        "legs by way of the house in another currency",
        lambda it: it.change_posting(2, wallet_id=exchange_wallet_id("USD")),
        ["conversion"],
    ),
    ("another amount", lambda it: it.change_posting(3, amount=964), ["conversion"]),
    (
        "a fifth leg",
        lambda it: it.change(0, postings=it.transactions[0].postings * 2),
        ["conversion"],
    ),
    ("a quote that is not there", lambda it: it.change(0, quote_id=NOBODY), ["conversion"]),
    ("no quote", lambda it: it.change(0, quote_id=None), ["conversion"]),
    (
        "a payment with a quote",
        lambda it: it.change(1, quote_id=an_id()),
        ["conversion"],
    ),
    (
        "two conversions of one quote",
        lambda it: it.transactions.append(replace(it.transactions[0], id=an_id())),
        ["conversion"],
    ),
]


def rules(books: Books) -> list[str]:
    return [each.rule for each in check_quotes(books.quotes, books.transactions, CURRENCIES)]


def test_correct_conversions_have_no_findings() -> None:
    assert rules(correct_books()) == []


@pytest.mark.parametrize(
    ("damage", "found"), [row[1:] for row in DAMAGES], ids=[row[0] for row in DAMAGES]
)
def test_damage_is_found(damage: Callable[[Books], object], found: list[str]) -> None:
    books = correct_books()
    damage(books)
    assert rules(books) == found
