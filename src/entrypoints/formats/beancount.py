"""The books for Beancount, with a balance assertion for each wallet."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import chain

from domain.times import rfc3339
from entrypoints.formats.amounts import decimal
from entrypoints.formats.chart import THE_END, account_of, one_line
from service_layer.audit import Progress, silent
from service_layer.ledger_lines import LedgerLines, TransactionLine, WalletLine

# Before all that can be posted: a currency has no day of its own.
BEGINNING = date(1970, 1, 1)


def beancount(ledger: LedgerLines, progress: Progress = silent) -> Iterator[str]:
    """Commodities, accounts, transactions, balances; lines without their ends."""
    yield f"; The books of Simple Payments as of {rfc3339(ledger.at)}."
    yield "; Customers' balances are liabilities, money from outside is an asset: see docs/in_and_out.md."
    yield 'option "title" "Simple Payments"'
    for code in ledger.exponents:
        yield f'option "operating_currency" "{code}"'
    for code, exponent in ledger.exponents.items():
        yield f"{BEGINNING} commodity {code}"
        yield f"  exponent: {exponent}"
    yield from chain.from_iterable(map(_open, ledger.wallets(progress)))
    last = ledger.at
    for transaction in ledger.transactions(progress):
        last = max(last, transaction.created_at)
        yield from _transaction(transaction, ledger)
    # A balance is of the beginning of its day.
    day = day_of(last) + timedelta(days=1)
    for line in ledger.wallets(progress):
        exponent = ledger.exponents[line.owner.currency]
        balance = f"{decimal(-line.balance, exponent)} ~ 0 {line.owner.currency}"
        yield f"{day} balance {account_of(line.owner)}  {balance}"
    yield THE_END


def day_of(time: datetime) -> date:
    """The day in UTC."""
    return date.fromisoformat(rfc3339(time)[:10])


def _open(line: WalletLine) -> Iterator[str]:
    owner = line.owner
    yield f"{day_of(line.since)} open {account_of(owner)} {owner.currency}"
    yield f'  wallet: "{owner.wallet_id}"'
    if owner.account_id is not None:
        yield f'  account: "{owner.account_id}"'
        yield f"  name: {_quoted(owner.name or '')}"
    if line.reference is not None:
        yield f"  reference: {_quoted(line.reference)}"


def _transaction(transaction: TransactionLine, ledger: LedgerLines) -> Iterator[str]:
    said = transaction.description or transaction.reference or transaction.type
    yield ""
    yield f"{day_of(transaction.created_at)} * {_quoted(said)} #{transaction.type}{_links(transaction)}"
    yield f'  time: "{rfc3339(transaction.created_at)}"'
    if transaction.number is not None:
        yield f"  number: {transaction.number}"
    if transaction.reference is not None:
        yield f"  reference: {_quoted(transaction.reference)}"
    if transaction.metadata:
        said = json.dumps(dict(transaction.metadata), ensure_ascii=False, sort_keys=True)
        yield f"  metadata: {_quoted(said)}"
    for posting in transaction.postings:
        code = posting.owner.currency
        yield f"  {account_of(posting.owner)}  {decimal(-posting.amount, ledger.exponents[code])} {code}"


def _links(transaction: TransactionLine) -> str:
    """A reversal has the link of what it reverses; all captures of a hold have one."""
    links = f" ^{transaction.id}"
    if transaction.reverses is not None:
        links += f" ^{transaction.reverses}"
    if transaction.hold_id is not None:
        links += f" ^hold-{transaction.hold_id}"
    return links


def _quoted(text: str) -> str:
    escaped = one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
