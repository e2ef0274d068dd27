"""The books in the formats of accounting programs: pure functions from their lines to text."""

from collections.abc import Callable, Iterator

from entrypoints.formats.beancount import beancount
from entrypoints.formats.hledger import hledger
from entrypoints.formats.postings_csv import postings_csv
from service_layer.audit import Progress
from service_layer.ledger_lines import LedgerLines

FORMATS: dict[str, Callable[[LedgerLines, Progress], Iterator[str]]] = {
    "beancount": beancount,
    "hledger": hledger,
    "csv": postings_csv,
}
