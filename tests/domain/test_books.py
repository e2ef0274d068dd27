"""What the books of a batch know, and what its commands have entered so far."""

from collections import ChainMap
from datetime import timedelta

import pytest

from domain.account import Account
from domain.books import TICK
from domain.errors import CurrencyNotEnabled, ReferenceTaken, SystemWalletNamed, WalletNotFound
from domain.idempotency import IdempotencyKey, KeptOutcome, Outcome
from domain.wallet import system_wallet_ids
from tests.domain.examples import NOBODY, NOON, a_wallet, an_id, books_of

SECOND = timedelta(seconds=1)


def an_account(reference: str | None = None) -> Account:
    return Account(id=an_id(), name="Ada", reference=reference, created_at=NOON, updated_at=NOON)


def test_the_books_know_their_wallets() -> None:
    ada, bob = a_wallet(1), a_wallet(2)
    assert books_of(ada, bob).wallet(bob.id) == bob


def test_a_wallet_that_is_not_in_the_books_is_not_found() -> None:
    with pytest.raises(WalletNotFound):
        books_of(a_wallet()).wallet(NOBODY)


@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_the_system_wallets_of_a_currency_may_not_be_named(currency: str) -> None:
    for id in system_wallet_ids(currency):
        with pytest.raises(SystemWalletNamed):
            books_of().wallet(id)


def test_an_enabled_currency_is_welcome() -> None:
    assert books_of().check_currency("EUR") is None


@pytest.mark.parametrize("currency", ["JPY", "usd", ""])
def test_any_other_currency_is_refused(currency: str) -> None:
    with pytest.raises(CurrencyNotEnabled) as refused:
        books_of().check_currency(currency)
    assert refused.value.data == {"currency": currency}


def test_accounts_and_transactions_have_references_of_their_own() -> None:
    books = books_of(account_references={"ada"}, transaction_references={"rent"})
    assert books.check_account_reference("rent") is None
    assert books.check_transaction_reference("ada") is None


def test_no_reference_is_taken_by_nobody() -> None:
    books = books_of()
    books.write_account(an_account(), a_wallet())
    assert books.check_account_reference(None) is None


def test_an_accounts_reference_is_taken() -> None:
    with pytest.raises(ReferenceTaken) as refused:
        books_of(account_references={"ada"}).check_account_reference("ada")
    assert refused.value.data == {"reference": "ada"}


def test_a_transactions_reference_is_taken() -> None:
    with pytest.raises(ReferenceTaken) as refused:
        books_of(transaction_references={"rent"}).check_transaction_reference("rent")
    assert refused.value.data == {"reference": "rent"}


def test_a_new_account_takes_its_reference() -> None:
    books = books_of()
    books.write_account(an_account("ada"), a_wallet())
    with pytest.raises(ReferenceTaken):
        books.check_account_reference("ada")


def test_a_new_account_is_entered_with_its_wallet() -> None:
    books, account, wallet = books_of(), an_account(), a_wallet()
    books.write_account(account, wallet)
    assert (books.new_accounts, books.new_wallets) == ([account], [wallet])


def test_without_wallets_the_time_is_now() -> None:
    assert books_of().time_for([]) == NOON


@pytest.mark.parametrize(
    ("last_times", "expected"),
    [
        ([NOON - SECOND], NOON),
        ([NOON - TICK], NOON),
        ([NOON], NOON + TICK),
        ([NOON + SECOND], NOON + SECOND + TICK),
        ([NOON + SECOND, NOON - SECOND], NOON + SECOND + TICK),
    ],
)
def test_the_next_time_is_now_yet_after_the_last_of_each_wallet(
    last_times: list, expected: object
) -> None:
    wallets = [a_wallet(last_posted_at=time) for time in last_times]
    assert books_of().time_for(wallets) == expected


def test_a_kept_outcome_is_found_by_scope_with_key() -> None:
    books = books_of()
    key = IdempotencyKey(scope="shop", key="k-1", fingerprint=b"f")
    kept = KeptOutcome(fingerprint=b"f", outcome=Outcome(body={}, request_id="request-1"))
    books.keep(key, kept)
    assert books.kept == {("shop", "k-1"): kept}
    assert books.new_outcomes == [(key, kept)]


def test_a_draft_sees_what_was_written_and_its_own_is_seen_by_none() -> None:
    ada = a_wallet()
    books = books_of(ada)
    draft = books.draft()
    draft.write_account(an_account("shop"), a_wallet(7))
    draft.write_wallet(ada.holding(5), NOON)
    key = IdempotencyKey(scope="shop", key="k-1", fingerprint=b"f")
    draft.keep(key, KeptOutcome(fingerprint=b"f", outcome=Outcome(body={}, request_id="r")))
    assert draft.wallet(ada.id).held == 5
    assert books.wallet(ada.id) == ada
    assert (books.accounts, books.new_accounts, books.new_wallets) == ({}, [], [])
    assert (books.kept, books.new_outcomes, books.touched, books.changed_at) == ({}, [], {}, {})
    books.check_account_reference("shop")


def test_a_draft_may_be_copied_and_the_copy_adopted() -> None:
    ada = a_wallet()
    draft = books_of(ada).draft()
    tried = draft.copy()
    tried.write_wallet(ada.holding(5), NOON)
    assert draft.wallet(ada.id).held == 0
    draft.adopt(tried)
    assert draft.wallet(ada.id).held == 5


def test_a_draft_of_large_books_copies_none_of_their_wallets() -> None:
    books = books_of(*(a_wallet(n) for n in range(1, 50)))
    draft = books.draft()
    assert isinstance(draft.wallets, ChainMap)
    assert draft.wallets.maps == [{}, books.wallets]
    assert draft.wallets.maps[1] is books.wallets
