"""The books for hledger, with a balance assertion for each wallet.

What people wrote stands in descriptions alone: hledger reads dates or tags in comments.
"""

from collections.abc import Iterator
from datetime import timedelta

from domain.times import rfc3339
from entrypoints.formats.amounts import decimal
from entrypoints.formats.beancount import day_of
from entrypoints.formats.chart import THE_END, account_of, one_line
from service_layer.audit import Progress, silent
from service_layer.ledger_lines import LedgerLines, TransactionLine


def hledger(ledger: LedgerLines, progress: Progress = silent) -> Iterator[str]:
    """Commodities, accounts, transactions, balances; lines without their ends."""
    yield f"; The books of Simple Payments as of {rfc3339(ledger.at)}."
    yield "; Customers' balances are liabilities, money from outside is an asset: see docs/in_and_out.md."
    for code, exponent in ledger.exponents.items():
        yield f"commodity 1000.{'0' * exponent} {code}"
    for line in ledger.wallets(progress):
        yield f"account {account_of(line.owner)}  ; wallet:{line.owner.wallet_id}"
    last = ledger.at
    for transaction in ledger.transactions(progress):
        last = max(last, transaction.created_at)
        yield from _transaction(transaction, ledger)
    day = day_of(last) + timedelta(days=1)
    yield ""
    for line in ledger.wallets(progress):
        code, exponent = line.owner.currency, ledger.exponents[line.owner.currency]
        yield f"{day} * balance"
        zero, balance = decimal(0, exponent), decimal(-line.balance, exponent)
        yield f"  {account_of(line.owner)}  {zero} {code} == {balance} {code}"
    yield THE_END


def _transaction(transaction: TransactionLine, ledger: LedgerLines) -> Iterator[str]:
    told = [text for text in (transaction.description, transaction.reference) if text]
    said = one_line(" / ".join(told) or transaction.type).replace(";", ",")
    yield ""
    yield (
        f"{day_of(transaction.created_at)} * ({transaction.id}) {said}"
        f"  ; type:{transaction.type}, time:{rfc3339(transaction.created_at)}{_tags(transaction)}"
    )
    for posting in transaction.postings:
        code = posting.owner.currency
        yield f"  {account_of(posting.owner)}  {decimal(-posting.amount, ledger.exponents[code])} {code}"


def _tags(transaction: TransactionLine) -> str:
    known = {
        "number": transaction.number,
        "reverses": transaction.reverses,
        "hold": transaction.hold_id,
    }
    return "".join(f", {name}:{value}" for name, value in known.items() if value is not None)
