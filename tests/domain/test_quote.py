"""A quote is good for one conversion, until its instant."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import QuoteExpired, QuoteNotFound, QuoteUsed
from domain.quote import QuoteStatus
from tests.domain.examples import NOBODY, NOON, a_quote, an_id, books_of

MINUTE = timedelta(minutes=1)
SHORTLY = timedelta(microseconds=1)


def test_a_new_quote_is_open_and_can_be_used() -> None:
    quote = a_quote()
    assert (quote.status, quote.transaction_id) == (QuoteStatus.OPEN, None)
    quote.check_open()


def test_a_quote_shows_how_its_amount_was_rounded() -> None:
    assert replace(a_quote(), destination_amount=963, exact="963.69").rounding == "-0.69"


def test_a_quote_is_expired_from_its_instant_on() -> None:
    quote = a_quote(expires_at=NOON + MINUTE)
    quote.as_of(NOON + MINUTE - SHORTLY).check_open()
    with pytest.raises(QuoteExpired):
        quote.as_of(NOON + MINUTE).check_open()


def test_a_used_quote_says_by_what_it_was_used() -> None:
    id = an_id()
    used = a_quote().used_by(id)
    with pytest.raises(QuoteUsed) as refused:
        used.check_open()
    assert refused.value.data == {"quote_id": str(used.id), "transaction_id": str(id)}


def test_a_used_quote_does_not_expire() -> None:
    used = a_quote().used_by(an_id())
    assert used.as_of(NOON + 99 * MINUTE) == used


def test_books_give_a_quote_as_it_is_now() -> None:
    quote = a_quote(expires_at=NOON)
    books = books_of(quotes={quote.id: quote})
    assert books.quote(quote.id).status is QuoteStatus.EXPIRED
    with pytest.raises(QuoteNotFound) as refused:
        books.quote(NOBODY)
    assert refused.value.data == {"quote_id": str(NOBODY)}
