"""A request that is sent twice happens once: what its second answer is."""

from dataclasses import replace

import pytest

from domain.errors import IdempotencyKeyReused, InsufficientFunds
from domain.idempotency import IdempotencyKey, KeptOutcome, Outcome
from domain.post import post
from tests.domain.examples import a_replenishment, a_wallet, books_of

KEY = IdempotencyKey(scope="shop", key="k-1", fingerprint=b"pay 5")
POSTED = Outcome.posted(post(a_replenishment(wallet := a_wallet(), 5), books_of(wallet)))
OPENED = Outcome(body={"id": "account-1"}, request_id="request-1")
REFUSED = Outcome(refused=InsufficientFunds("Too little.", available=3), request_id="request-1")


def test_the_outcome_of_a_posted_request_is_its_transaction() -> None:
    assert POSTED.transaction is not None
    assert POSTED.transaction_id == POSTED.transaction.id
    assert POSTED.request_id == "request-1"


@pytest.mark.parametrize("first", [POSTED, OPENED, REFUSED])
def test_a_first_answer_is_not_a_replay(first: Outcome) -> None:
    assert not first.replayed


@pytest.mark.parametrize("first", [POSTED, OPENED, REFUSED])
def test_the_same_request_gets_the_first_answer_again(first: Outcome) -> None:
    kept = KeptOutcome(fingerprint=KEY.fingerprint, outcome=first)
    assert kept.answer(KEY) == replace(first, replayed=True)


@pytest.mark.parametrize("first", [POSTED, OPENED, REFUSED])
def test_another_request_under_the_same_key_is_refused(first: Outcome) -> None:
    kept = KeptOutcome(fingerprint=b"pay 6", outcome=first)
    answer = kept.answer(KEY)
    assert isinstance(answer.refused, IdempotencyKeyReused)
    assert (answer.transaction_id, answer.body, answer.replayed) == (None, None, False)


def test_an_answer_given_again_is_still_the_first_one() -> None:
    assert POSTED.again().again() == POSTED.again()


def test_a_key_is_found_by_its_scope_with_its_text() -> None:
    other = replace(KEY, fingerprint=b"pay 6")
    assert KEY.name == other.name == ("shop", "k-1")


def test_the_same_text_in_another_scope_is_another_key() -> None:
    assert replace(KEY, scope="bank").name != KEY.name
