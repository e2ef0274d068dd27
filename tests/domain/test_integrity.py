"""Books that add up, and what is found when one thing in them is damaged."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain import integrity
from domain.account import Account
from domain.idempotency import KeptOutcome, Outcome
from domain.integrity import Report
from domain.post import post
from domain.transaction import Transaction
from domain.wallet import Status, Wallet, exchange_wallet_id, external_wallet_id
from tests.domain.examples import (
    NOBODY,
    NOON,
    a_payment,
    a_replenishment,
    a_wallet,
    an_entry,
    an_id,
    books_of,
)


@dataclass
class Ledger:
    """Whole books: Ada gets 100, pays Bob 30, pays him 20 more; Eve has never been paid."""

    transactions: list[Transaction]
    ada: Wallet
    bob: Wallet
    eve: Wallet
    accounts: dict[UUID, Account]
    kept: dict[tuple[str, str], KeptOutcome]

    def check(self) -> Report:
        return integrity.check(
            self.transactions,
            [self.ada, self.bob, self.eve],
            accounts=self.accounts,
            kept=self.kept,
        )

    def damage_posting(self, transaction: int, leg: int, **wrong: Any) -> None:
        postings = list(self.transactions[transaction].postings)
        postings[leg] = replace(postings[leg], **wrong)
        self.damage_transaction(transaction, postings=tuple(postings))

    def damage_transaction(self, transaction: int, **wrong: Any) -> None:
        self.transactions[transaction] = replace(self.transactions[transaction], **wrong)

    def damage_account(self, id: UUID, **wrong: Any) -> None:
        self.accounts[id] = replace(self.accounts[id], **wrong)

    def damage_wallet(self, name: str, **wrong: Any) -> None:
        setattr(self, name, replace(getattr(self, name), **wrong))


def an_account(id: UUID) -> Account:
    return Account(id=id, name="Somebody", created_at=NOON, updated_at=NOON)


def kept_for(transaction: Transaction) -> KeptOutcome:
    return KeptOutcome(fingerprint=b"f", outcome=Outcome.posted(transaction))


def correct_books() -> Ledger:
    ada, bob, eve = a_wallet(), a_wallet(), a_wallet()
    books = books_of(ada, bob, eve)
    entries = [a_replenishment(ada, 100), a_payment(ada, bob, 30), a_payment(ada, bob, 20)]
    made = [post(entry, books) for entry in entries]
    return Ledger(
        made,
        *(books.wallets[wallet.id] for wallet in (ada, bob, eve)),
        {wallet.account_id: an_account(wallet.account_id) for wallet in (ada, bob, eve)},
        {("shop", f"k-{number}"): kept_for(each) for number, each in enumerate(made)},
    )


def test_correct_books_have_no_findings() -> None:
    assert correct_books().check().findings == ()


def test_empty_books_have_no_findings() -> None:
    assert integrity.check([], []).findings == ()


def test_a_report_says_what_was_looked_at() -> None:
    report = correct_books().check()
    assert (report.transactions, report.postings, report.wallets) == (3, 6, 3)
    assert report.summary == (
        "3 transactions, 6 postings and 3 wallets were checked: everything adds up."
    )


def test_a_report_with_findings_says_that_the_books_do_not_add_up() -> None:
    ledger = correct_books()
    ledger.damage_wallet("ada", balance=51)
    assert ledger.check().summary.endswith("1 finding(s), THE BOOKS DO NOT ADD UP.")


Damage = Callable[[Ledger], object]
LATER, EARLIER = timedelta(seconds=1), timedelta(seconds=-1)

DAMAGES: list[tuple[str, Damage, list[str]]] = [
    (
        "the counter-posting is missing",
        lambda it: it.damage_transaction(0, postings=it.transactions[0].postings[1:]),
        ["legs", "unbalanced"],
    ),
    (
        "the counter-posting is of another amount",
        lambda it: it.damage_posting(0, 0, amount=-99),
        ["unbalanced"],
    ),
    (
        "money stands in another currency",
        lambda it: it.damage_posting(0, 0, currency="EUR", wallet_id=external_wallet_id("EUR")),
        ["unbalanced", "unbalanced"],
    ),
    (
        "a transaction has no postings",
        lambda it: it.damage_transaction(2, postings=()),
        ["no-postings", "wallet-row", "wallet-row"],
    ),
    (
        "a transaction is gone",
        lambda it: it.transactions.pop(1),
        ["version-gap", "balance-chain", "version-gap", "balance-chain", "orphan-key"],
    ),
    (
        "the last transaction is gone",
        lambda it: it.transactions.pop(),
        ["wallet-row", "wallet-row", "orphan-key"],
    ),
    (
        "a transaction stands twice",
        lambda it: it.transactions.append(it.transactions[2]),
        ["version-gap", "balance-chain", "version-gap", "balance-chain"],
    ),
    (
        "the last version is skipped",
        lambda it: (it.damage_posting(2, 0, wallet_version=4), it.damage_wallet("ada", version=4)),
        ["version-gap"],
    ),
    (
        "the last balance is wrong",
        lambda it: (it.damage_posting(2, 0, balance_after=51), it.damage_wallet("ada", balance=51)),
        ["balance-chain"],
    ),
    (
        "a balance in the middle is wrong, so that the next does not follow from it",
        lambda it: it.damage_posting(1, 0, balance_after=71),
        ["balance-chain", "balance-chain"],
    ),
    (
        "a time is before the last one",
        lambda it: it.damage_transaction(1, created_at=NOON + EARLIER),
        ["time-backwards"],
    ),
    (
        "a wallet's balance is wrong",
        lambda it: it.damage_wallet("bob", balance=49),
        ["wallet-row"],
    ),
    ("a wallet's version is wrong", lambda it: it.damage_wallet("bob", version=3), ["wallet-row"]),
    (
        "a wallet's time is wrong",
        lambda it: it.damage_wallet("bob", last_posted_at=NOON + LATER),
        ["wallet-row"],
    ),
    (
        "a wallet without postings has money",
        lambda it: it.damage_wallet("eve", balance=1),
        ["wallet-row"],
    ),
    (
        "a wallet is gone",
        lambda it: it.damage_wallet("bob", id=an_id(), balance=0, version=0),
        ["wallet-row", "orphan"],
    ),
    (
        "a posting is on a wallet that does not exist",
        lambda it: it.damage_posting(2, 1, wallet_id=NOBODY, balance_after=20, wallet_version=1),
        ["wallet-row", "orphan"],
    ),
    (
        "a numbered posting is on the external wallet",
        lambda it: it.damage_posting(0, 0, wallet_version=1, balance_after=-100),
        ["orphan"],
    ),
    (
        "an unnumbered posting is on a wallet that does not exist",
        lambda it: it.damage_posting(0, 0, wallet_id=NOBODY),
        ["orphan"],
    ),
    (
        "an unnumbered posting is on a customer's wallet",
        lambda it: it.damage_posting(0, 0, wallet_id=it.eve.id),
        ["orphan"],
    ),
    (
        "an unnumbered posting is on the external wallet of another currency",
        lambda it: it.damage_posting(0, 0, wallet_id=external_wallet_id("EUR")),
        ["orphan"],
    ),
    (
        "an unnumbered posting is on the exchange wallet of another currency",
        lambda it: it.damage_posting(0, 0, wallet_id=exchange_wallet_id("EUR")),
        ["orphan"],
    ),
    (
        "a wallet holds another currency than its postings",
        lambda it: it.damage_wallet("bob", currency="EUR"),
        ["orphan", "orphan"],
    ),
    (
        "money is held without a hold",
        lambda it: it.damage_wallet("bob", held=50),
        ["held"],
    ),
    (
        "more is held than there is",
        lambda it: it.damage_wallet("bob", held=51),
        ["held", "overdrawn"],
    ),
    (
        "less than nothing is held",
        lambda it: it.damage_wallet("bob", held=-1),
        ["held"],
    ),
    (
        "a wallet has less than its overdraft limit allows",
        lambda it: it.damage_wallet("eve", balance=-21, overdraft_limit=20),
        ["wallet-row", "overdrawn"],
    ),
    (
        "a wallet holds more than it may",
        lambda it: it.damage_wallet("bob", max_balance=49),
        ["overfull"],
    ),
    (
        "a wallet that may hold nothing holds something",
        lambda it: it.damage_wallet("bob", max_balance=0),
        ["overfull"],
    ),
    (
        "a wallet is frozen, its account is not",
        lambda it: it.damage_wallet("bob", status=Status.FROZEN),
        ["status"],
    ),
    (
        "an account is closed, its wallet is not",
        lambda it: it.damage_account(it.bob.account_id, status=Status.CLOSED),
        ["status"],
    ),
    (
        "an account is gone",
        lambda it: it.accounts.pop(it.bob.account_id),
        ["orphan-wallet"],
    ),
    (
        "an account has no wallet",
        lambda it: it.accounts.update({NOBODY: an_account(NOBODY)}),
        ["account-without-wallet"],
    ),
    ("a key is gone", lambda it: it.kept.pop(("shop", "k-1")), ["no-key"]),
    ("all keys are gone", lambda it: it.kept.clear(), ["no-key", "no-key", "no-key"]),
    (
        "a key stands for a transaction that does not exist",
        lambda it: it.kept.update(
            {("shop", "k"): kept_for(replace(it.transactions[0], id=NOBODY))}
        ),
        ["orphan-key"],
    ),
]


@pytest.mark.parametrize(
    ("damage", "rules"), [row[1:] for row in DAMAGES], ids=[row[0] for row in DAMAGES]
)
def test_exactly_what_is_damaged_is_found(damage: Damage, rules: list[str]) -> None:
    ledger = correct_books()
    damage(ledger)
    assert [each.rule for each in ledger.check().findings] == rules


def test_every_rule_is_shown_by_a_damage() -> None:
    shown = {rule for *_, rules in DAMAGES for rule in rules}
    assert shown == {
        "unbalanced",
        "no-postings",
        "legs",
        "version-gap",
        "balance-chain",
        "time-backwards",
        "wallet-row",
        "orphan",
        "held",
        "overdrawn",
        "overfull",
        "status",
        "orphan-wallet",
        "account-without-wallet",
        "no-key",
        "orphan-key",
    }


def test_a_key_that_stands_for_no_transaction_is_none_of_the_books_business() -> None:
    ledger = correct_books()
    opened = Outcome(body={}, request_id="request-1")
    ledger.kept["shop", "opened"] = KeptOutcome(fingerprint=b"f", outcome=opened)
    assert ledger.check().findings == ()


SENTENCES: list[tuple[Damage, str]] = [
    (
        lambda it: it.damage_wallet("bob", held=50),
        "The row of wallet {bob} says that 50 is held; its pending holds say 0.",
    ),
    (
        lambda it: it.damage_wallet("bob", balance=-21, overdraft_limit=20),
        "The wallet {bob} has -21 available and an overdraft limit of 20.",
    ),
    (
        lambda it: it.damage_wallet("bob", max_balance=49),
        "The wallet {bob} has a balance of 50; it may hold 49 at most.",
    ),
    (
        lambda it: it.damage_wallet("bob", status=Status.FROZEN),
        "The wallet {bob} is frozen, its account is active.",
    ),
    (
        lambda it: it.kept.pop(("shop", "k-2")),
        "The transaction {last} has no idempotency key: if sent again, it is made again.",
    ),
    (
        lambda it: it.transactions.pop(),
        "The idempotency key k-2 of shop stands for transaction {last}, which does not exist.",
    ),
    (
        lambda it: it.damage_transaction(2, postings=it.transactions[2].postings[:1]),
        "The transaction {last} has a gap in its legs.",
    ),
]


@pytest.mark.parametrize(("damage", "sentence"), SENTENCES)
def test_a_finding_is_said_as_the_database_audit_says_it(damage: Damage, sentence: str) -> None:
    ledger = correct_books()
    names = {"bob": ledger.bob.id, "last": ledger.transactions[2].id}
    damage(ledger)
    assert sentence.format(**names) in [each.sentence for each in ledger.check().findings]


def test_a_finding_says_in_plain_words_what_is_wrong_and_where() -> None:
    ledger = correct_books()
    ledger.damage_wallet("bob", balance=49)
    (finding,) = ledger.check().findings
    assert finding.where == f"wallet {ledger.bob.id}"
    assert finding.sentence == (
        f"The row of wallet {ledger.bob.id} says version 2 and balance 49;"
        " its postings say version 2 and balance 50."
    )


def test_a_finding_about_a_time_names_both_times() -> None:
    ledger = correct_books()
    right, wrong = ledger.bob.last_posted_at, NOON + LATER
    ledger.damage_wallet("bob", last_posted_at=wrong)
    (finding,) = ledger.check().findings
    assert str(right) in finding.sentence
    assert str(wrong) in finding.sentence


def test_a_finding_names_the_transaction_that_does_not_balance() -> None:
    ledger = correct_books()
    ledger.damage_posting(0, 0, amount=-99)
    (finding,) = ledger.check().findings
    where = f"transaction {ledger.transactions[0].id}"
    assert finding.where == where
    assert finding.sentence == f"The postings of {where} sum to 1 USD, not to 0."


def test_both_postings_on_the_source_wallet_are_found_by_its_books() -> None:
    """A naive mistake: the sum is zero, but the destination never gets the money."""
    ada, bob = a_wallet(), a_wallet()
    books = books_of(ada, bob)
    gift = post(a_replenishment(ada, 100), books)
    paid = post(a_payment(ada, bob, 30), books)
    out, into = paid.postings
    wrong = replace(paid, postings=(out, replace(into, wallet_id=ada.id)))
    report = integrity.check([gift, wrong], [books.wallets[each.id] for each in (ada, bob)])
    assert {each.rule for each in report.findings} == {"version-gap", "balance-chain", "wallet-row"}


def test_a_payment_from_a_wallet_to_itself_keeps_the_books_right() -> None:
    ada = a_wallet()
    books = books_of(ada)
    gift = post(a_replenishment(ada, 100), books)
    moved = post(an_entry(*a_payment(ada, ada, 100).legs), books)
    assert integrity.check([gift, moved], [books.wallets[ada.id]]).findings == ()
