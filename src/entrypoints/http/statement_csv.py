"""A statement as CSV (RFC 4180), written line by line."""

import csv
from collections.abc import Iterator
from datetime import datetime
from io import StringIO

from flask import Response

from domain.money import decimal_text
from domain.statement import Line, Statement
from domain.times import rfc3339
from entrypoints.http.long_answer import LongAnswer
from entrypoints.http.statement_file import file_headers
from service_layer.history import Lines

CSV = "text/csv"
COLUMNS = (
    "wallet_version",
    "created_at",
    "type",
    "transaction_id",
    "reference",
    "description",
    "currency",
    "amount_minor",
    "amount",
    "balance_after_minor",
    "balance_after",
)
# The last four are what spreadsheets may read for these in other scripts.
FORMULA_BEGINNINGS = frozenset("=+-@\t\r\n＝＋－＠")  # noqa: RUF001
CSV_EXAMPLE = (
    "wallet_version,created_at,type,transaction_id,reference,description,currency,amount_minor,amount,"
    "balance_after_minor,balance_after\r\n"
    ",2026-11-01T00:00:00.000000Z,opening-balance,,,,USD,,,10000,100.00\r\n"
    "2,2026-11-22T21:07:02.551840Z,transfer,019aab41-02d9-7f6a-a3b8-5c4d3e2f1a09,order-1042,Two tickets,USD,"
    "-1050,-10.50,8950,89.50\r\n"
    ",2026-12-01T00:00:00.000000Z,closing-balance,,,,USD,,,8950,89.50\r\n"
)


def csv_statement(statement: Statement, lines: Lines) -> Response:
    """A header row, the opening balance, each movement, the closing balance."""
    mimetype = f"{CSV}; charset=utf-8; header=present"
    return LongAnswer(_pieces(statement, lines), mimetype, file_headers(statement, "csv"))


def harmless(text: str | None) -> str:
    """A text that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    if not text:
        return ""
    return f"'{text}" if text.lstrip(" ")[:1] in FORMULA_BEGINNINGS else text


def _pieces(statement: Statement, lines: Lines) -> Iterator[bytes]:
    page = StringIO()
    writer = csv.writer(page, lineterminator="\r\n")

    def row(values: tuple[str | int, ...]) -> bytes:
        writer.writerow(values)
        text = page.getvalue()
        page.seek(0)
        page.truncate()
        return text.encode()

    period = statement.period
    yield row(COLUMNS)
    yield row(_balance(statement, "opening-balance", period.from_time, statement.opening_balance))
    for line in lines:
        yield row(_movement(statement, line))
    yield row(_balance(statement, "closing-balance", period.to_time, statement.closing_balance))


def _balance(statement: Statement, type: str, at: datetime, balance: int) -> tuple[str | int, ...]:
    decimal = decimal_text(balance, statement.exponent)
    currency = statement.currency
    return "", rfc3339(at), type, "", "", "", currency, "", "", balance, decimal


def _movement(statement: Statement, line: Line) -> tuple[str | int, ...]:
    return (
        line.wallet_version,
        rfc3339(line.created_at),
        line.type,
        str(line.transaction_id),
        harmless(line.reference),
        harmless(line.description),
        statement.currency,
        line.amount,
        decimal_text(line.amount, statement.exponent),
        line.balance_after,
        decimal_text(line.balance_after, statement.exponent),
    )
