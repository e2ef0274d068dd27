"""What taking a transaction back refuses, in the order in which it is checked, with what it needs to know."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from domain.books import Books
from domain.errors import (
    AccountClosed,
    AccountFrozen,
    BalanceLimitExceeded,
    ExceedsOriginal,
    InsufficientFunds,
    NotReversible,
    ReferenceTaken,
    Refusal,
    TransactionNotFound,
)
from domain.reversal import Original
from domain.transaction import Posting, TransactionType
from domain.wallet import Status, Wallet
from service_layer.run_batch import claims_of
from tests.builders import reverse
from tests.domain.examples import NOBODY, a_wallet, an_id, books_of

PAYER, PAID = a_wallet(), a_wallet(100)
EURO_PAYER, EURO_PAID = a_wallet(currency="EUR"), a_wallet(100, currency="EUR")


def an_original(*moves: tuple[Wallet, int], type: TransactionType) -> Original:
    postings = tuple(
        Posting(
            wallet_id=wallet.id,
            amount=amount,
            currency=wallet.currency,
            balance_after=0,
            wallet_version=1,
        )
        for wallet, amount in moves
    )
    return Original(id=an_id(), type=type, postings=postings)


PAYMENT = an_original((PAYER, -100), (PAID, 100), type=TransactionType.TRANSFER)
REVERSAL = replace(PAYMENT, id=an_id(), type=TransactionType.REVERSAL)
EXCHANGE = an_original(
    (PAYER, -100), (PAID, 100), (EURO_PAYER, -9), (EURO_PAID, 9), type=TransactionType.JOURNAL
)


def a_case(**state: Any) -> Books:
    """The books, with the wallets of who paid (`payer`) or was paid (`paid`) changed."""
    return books_of(
        replace(PAYER, **state.get("payer", {})),
        replace(PAID, **state.get("paid", {})),
        EURO_PAYER,
        EURO_PAID,
        originals={each.id: each for each in (PAYMENT, REVERSAL, EXCHANGE)},
        transaction_references={"taken"},
    )


# Each mistake together with all that are further down: the first one is said.
ORDER: list[tuple[str, dict[str, Any], dict[str, Any], type[Refusal]]] = [
    ("no such transaction", {"transaction_id": NOBODY}, {}, TransactionNotFound),
    ("a reversal", {"transaction_id": REVERSAL.id}, {}, NotReversible),
    ("a part of two currencies", {"transaction_id": EXCHANGE.id}, {}, NotReversible),
    ("more than was moved", {"amount": 101}, {}, ExceedsOriginal),
    ("reference taken", {"reference": "taken"}, {}, ReferenceTaken),
    ("to a closed account", {}, {"payer": {"status": Status.CLOSED}}, AccountClosed),
    ("more than fits", {}, {"payer": {"max_balance": 99}}, BalanceLimitExceeded),
    ("from a frozen account", {}, {"paid": {"status": Status.FROZEN}}, AccountFrozen),
    ("more than is left", {}, {"paid": {"balance": 99}}, InsufficientFunds),
]


@pytest.mark.parametrize("place", range(len(ORDER)), ids=[row[0] for row in ORDER])
def test_what_is_wrong_with_a_reversal_is_refused_in_this_order(place: int) -> None:
    asked: dict[str, Any] = {"transaction_id": PAYMENT.id, "amount": 100}
    state: dict[str, dict[str, Any]] = {"payer": {}, "paid": {}}
    for _, fields, changes, _ in reversed(ORDER[place:]):
        asked |= fields
        for name, change in changes.items():
            state[name] |= change
    books = a_case(**state)
    with pytest.raises(ORDER[place][3]):
        reverse(**asked).decide(books)
    assert books == a_case(**state), "a refused reversal leaves no mark"


def test_a_reversal_that_nothing_is_wrong_with_is_made() -> None:
    books = a_case()
    transaction = reverse(PAYMENT.id, 100, reference="refund").decide(books).transaction
    assert transaction is not None
    assert (transaction.type, transaction.reverses) == (TransactionType.REVERSAL, PAYMENT.id)
    assert books.original(PAYMENT.id).reversed == {PAYER.id: 100, PAID.id: -100}
    assert books.wallet(PAYER.id).balance == 100


def test_an_overdraft_pays_back_what_was_spent() -> None:
    books = a_case(paid={"balance": 10, "overdraft_limit": 90})
    reverse(PAYMENT.id).decide(books)
    assert books.wallet(PAID.id).balance == -90


def test_a_currency_that_is_no_longer_enabled_is_taken_back_all_the_same() -> None:
    books = replace(a_case(), currencies=frozenset())
    assert reverse(EXCHANGE.id).decide(books).transaction is not None


def test_a_reversal_claims_its_original_and_its_reference() -> None:
    claims = claims_of([reverse(UUID(int=7), reference="refund")])
    assert (claims.transaction_ids, claims.transaction_references) == ({UUID(int=7)}, {"refund"})
    assert claims.wallet_ids == frozenset()
