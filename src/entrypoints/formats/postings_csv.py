"""All postings as comma-separated values (RFC 4180), safe to be opened in a spreadsheet."""

import csv
from collections.abc import Iterator

from domain.times import rfc3339
from entrypoints.formats.amounts import decimal
from entrypoints.formats.chart import account_of
from service_layer.audit import Progress, silent
from service_layer.ledger_lines import LedgerLines, PostingLine, TransactionLine

COLUMNS = (
    "number",
    "transaction_id",
    "created_at",
    "type",
    "leg",
    "account",
    "account_id",
    "wallet_id",
    "owner",
    "amount",
    "currency",
    "balance_after",
    "wallet_version",
    "reference",
    "description",
    "reverses",
    "hold_id",
)
# A spreadsheet would reckon what begins with one of these (OWASP: CSV injection).
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class _Line:
    """What the library writes to; it keeps the last line."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def postings_csv(ledger: LedgerLines, progress: Progress = silent) -> Iterator[str]:
    """A line for each posting, as its wallet sees it: what enters is positive."""
    line = _Line()
    writer = csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r")
    writer.writerow(COLUMNS)
    yield line.text
    for transaction in ledger.transactions(progress):
        for posting in transaction.postings:
            exponent = ledger.exponents[posting.owner.currency]
            writer.writerow(_cells(transaction, posting, exponent))
            yield line.text


def harmless(text: str | None) -> str:
    """What people wrote, so that no spreadsheet takes it for a formula."""
    if not text:
        return ""
    return f"'{text}" if text.startswith(FORMULAS) or text.lstrip().startswith(FORMULAS) else text


def _cells(transaction: TransactionLine, posting: PostingLine, exponent: int) -> list[object]:
    """In the order of COLUMNS; the library writes None as nothing."""
    balance = posting.balance_after
    return [
        transaction.number,
        transaction.id,
        rfc3339(transaction.created_at),
        transaction.type,
        posting.leg,
        account_of(posting.owner),
        posting.owner.account_id,
        posting.owner.wallet_id,
        harmless(posting.owner.name),
        decimal(posting.amount, exponent),
        posting.owner.currency,
        None if balance is None else decimal(balance, exponent),
        posting.wallet_version,
        harmless(transaction.reference),
        harmless(transaction.description),
        transaction.reverses,
        transaction.hold_id,
    ]
