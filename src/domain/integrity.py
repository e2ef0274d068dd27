"""What must be true of books that add up, with plain words for what is not.

The rules: the postings of a transaction sum to zero in each currency and there are two at least; a wallet's
postings are numbered 1, 2, 3 … without a gap, each with the balance after it and a time not before the one
of the last; a wallet's row repeats its last posting; every posting is on a customer's wallet of its
currency, or unnumbered on a system wallet of its currency; a wallet has an account, its status,
a balance within its limits, and its pending holds reserve what it says is held; a split was allocated as
its shares asked; every transaction was made under an idempotency key.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.account import Account
from domain.allocation_check import allocation_fault
from domain.idempotency import KeptOutcome
from domain.transaction import Posting, Transaction
from domain.wallet import NEVER, Wallet, system_wallet_ids

# What these find is wrong in a wallet's row alone: its postings may well add up.
FINDINGS_PER_RULE_MAX = 100
ROW_RULES = frozenset({"wallet-row", "held", "overdrawn", "overfull", "status"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that does not add up: the rule's name, where, and a sentence that says it."""

    rule: str
    where: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a verification looked at and what it found."""

    transactions: int
    postings: int
    wallets: int
    sealed: int = 0
    findings: tuple[Finding, ...]

    @property
    def summary(self) -> str:
        """The result in one sentence."""
        sealed = f" ({self.sealed} of them sealed)" if self.sealed else ""
        seen = (
            f"{self.transactions} transactions{sealed}, {self.postings} postings and"
            f" {self.wallets} wallets were checked"
        )
        if not self.findings:
            return f"{seen}: everything adds up."
        return f"{seen}: {len(self.findings)} finding(s), THE BOOKS DO NOT ADD UP."


def capped(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The first findings of each rule, then one that says that there are more."""
    seen: dict[str, int] = {}
    for finding in findings:
        count = seen[finding.rule] = seen.get(finding.rule, 0) + 1
        if count <= FINDINGS_PER_RULE_MAX:
            yield finding
        elif count == FINDINGS_PER_RULE_MAX + 1:
            more = f"There are more than {FINDINGS_PER_RULE_MAX} findings of the kind {finding.rule!r}."
            yield Finding(rule=finding.rule, where="elsewhere", sentence=more)


def check(
    transactions: Sequence[Transaction],
    wallets: Sequence[Wallet],
    *,
    accounts: Mapping[UUID, Account] | None = None,
    kept: Mapping[tuple[str, str], KeptOutcome] | None = None,
    held: Mapping[UUID, int] | None = None,
) -> Report:
    """Check whole books that are at hand. `transactions` stand in the order in which they were made.

    Owners and keys are checked when all `accounts`, and all that is `kept` under keys, are given. `held` is
    what pending holds reserve, by wallet.
    """
    history: dict[object, list[tuple[Transaction, Posting]]] = {w.id: [] for w in wallets}
    findings: list[Finding] = []
    for transaction in transactions:
        findings += _check_transaction(transaction)
        for posting in transaction.postings:
            if posting.wallet_version is not None:
                history.setdefault(posting.wallet_id, []).append((transaction, posting))
    for wallet in wallets:
        findings += _check_wallet(wallet, history.pop(wallet.id))
        findings += _check_limits(wallet, (held or {}).get(wallet.id, 0))
    findings += [
        Finding(
            rule="orphan", where=f"wallet {id}", sentence=f"There are postings of no wallet {id}."
        )
        for id in history
    ]
    findings += [] if accounts is None else _check_owners(wallets, accounts)
    findings += [] if kept is None else _check_keys(transactions, kept)
    return Report(
        transactions=len(transactions),
        postings=sum(len(transaction.postings) for transaction in transactions),
        wallets=len(wallets),
        findings=tuple(findings),
    )


def _check_transaction(transaction: Transaction) -> Iterator[Finding]:
    where = f"transaction {transaction.id}"
    if not transaction.postings:
        yield Finding(rule="no-postings", where=where, sentence=f"The {where} has no postings.")
    if len(transaction.postings) == 1:
        yield Finding(rule="legs", where=where, sentence=f"The {where} has a gap in its legs.")
    for currency, total in _sums(transaction.postings):
        if total:
            sentence = f"The postings of {where} sum to {total} {currency}, not to 0."
            yield Finding(rule="unbalanced", where=where, sentence=sentence)
    fault = allocation_fault(transaction)
    if fault is not None:
        yield Finding(rule="allocation", where=where, sentence=fault)
    for posting in transaction.postings:
        unnumbered = posting.wallet_version is None
        if unnumbered and posting.wallet_id not in system_wallet_ids(posting.currency):
            sentence = (
                f"In {where} a posting without a version is on wallet {posting.wallet_id},"
                f" which is no system wallet of {posting.currency}."
            )
            yield Finding(rule="orphan", where=where, sentence=sentence)


def _sums(postings: Iterable[Posting]) -> list[tuple[str, int]]:
    sums: dict[str, int] = {}
    for posting in postings:
        sums[posting.currency] = sums.get(posting.currency, 0) + posting.amount
    return sorted(sums.items())


def _check_wallet(
    wallet: Wallet, history: Sequence[tuple[Transaction, Posting]]
) -> Iterator[Finding]:
    where = f"wallet {wallet.id}"
    version, balance, time = 0, 0, NEVER
    for transaction, posting in history:
        at = f"{where}, version {posting.wallet_version}"
        if posting.currency != wallet.currency:
            sentence = (
                f"At {at} is a posting of {posting.currency}; {where} holds {wallet.currency}."
            )
            yield Finding(rule="orphan", where=at, sentence=sentence)
        if posting.wallet_version != version + 1:
            sentence = f"In {where} version {posting.wallet_version} follows version {version}."
            yield Finding(rule="version-gap", where=at, sentence=sentence)
        if posting.balance_after != balance + posting.amount:
            sentence = (
                f"At {at} the balance is {posting.balance_after};"
                f" {balance} with a posting of {posting.amount} makes {balance + posting.amount}."
            )
            yield Finding(rule="balance-chain", where=at, sentence=sentence)
        if transaction.created_at < time:
            sentence = f"At {at} time runs backwards, from {time} to {transaction.created_at}."
            yield Finding(rule="time-backwards", where=at, sentence=sentence)
        version, balance = posting.wallet_version or 0, posting.balance_after or 0
        time = transaction.created_at
    yield from _check_row(wallet, version, balance, time)


def _check_row(wallet: Wallet, version: int, balance: int, time: datetime) -> Iterator[Finding]:
    where = f"wallet {wallet.id}"
    if (wallet.version, wallet.balance) != (version, balance):
        sentence = (
            f"The row of {where} says version {wallet.version} and balance {wallet.balance};"
            f" its postings say version {version} and balance {balance}."
        )
        yield Finding(rule="wallet-row", where=where, sentence=sentence)
    elif wallet.last_posted_at != time:
        sentence = (
            f"The row of {where} says that it was last posted to at {wallet.last_posted_at};"
            f" its postings say {time}."
        )
        yield Finding(rule="wallet-row", where=where, sentence=sentence)


def _check_limits(wallet: Wallet, held: int) -> Iterator[Finding]:
    where = f"wallet {wallet.id}"
    if wallet.held != held:
        sentence = (
            f"The row of {where} says that {wallet.held} is held; its pending holds say {held}."
        )
        yield Finding(rule="held", where=where, sentence=sentence)
    if wallet.available + wallet.overdraft_limit < 0:
        sentence = (
            f"The {where} has {wallet.available} available"
            f" and an overdraft limit of {wallet.overdraft_limit}."
        )
        yield Finding(rule="overdrawn", where=where, sentence=sentence)
    if wallet.max_balance is not None and wallet.balance > wallet.max_balance:
        sentence = (
            f"The {where} has a balance of {wallet.balance};"
            f" it may hold {wallet.max_balance} at most."
        )
        yield Finding(rule="overfull", where=where, sentence=sentence)


def _check_owners(wallets: Iterable[Wallet], accounts: Mapping[UUID, Account]) -> Iterator[Finding]:
    without_wallet = dict(accounts)
    for wallet in wallets:
        where = f"wallet {wallet.id}"
        without_wallet.pop(wallet.account_id, None)
        account = accounts.get(wallet.account_id)
        if account is None:
            sentence = f"The {where} belongs to no account."
            yield Finding(rule="orphan-wallet", where=where, sentence=sentence)
        elif account.status != wallet.status:
            sentence = f"The {where} is {wallet.status}, its account is {account.status}."
            yield Finding(rule="status", where=where, sentence=sentence)
    for id in without_wallet:
        where = f"account {id}"
        sentence = f"The {where} has no wallet."
        yield Finding(rule="account-without-wallet", where=where, sentence=sentence)


def _check_keys(
    transactions: Iterable[Transaction], kept: Mapping[tuple[str, str], KeptOutcome]
) -> Iterator[Finding]:
    keyed = {each.outcome.transaction_id for each in kept.values()}
    made = {transaction.id for transaction in transactions}
    for transaction in transactions:
        if transaction.id not in keyed:
            where = f"transaction {transaction.id}"
            sentence = f"The {where} has no idempotency key: if sent again, it is made again."
            yield Finding(rule="no-key", where=where, sentence=sentence)
    for (scope, key), each in kept.items():
        id = each.outcome.transaction_id
        if id is not None and id not in made:
            sentence = (
                f"The idempotency key {key} of {scope} stands for transaction {id},"
                " which does not exist."
            )
            where = f"idempotency key {scope}/{key}"
            yield Finding(rule="orphan-key", where=where, sentence=sentence)
