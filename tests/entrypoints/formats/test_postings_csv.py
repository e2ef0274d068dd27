"""The CSV file has a line for each posting, exact, with no formula in it."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.formats.postings_csv import COLUMNS, harmless, postings_csv
from tests.entrypoints.formats.ledgers import (
    NOON,
    FakeLedger,
    customer,
    external,
    ledgers,
    paid,
)

WRITTEN_BY_PEOPLE = ("owner", "reference", "description")


def read(ledger: FakeLedger) -> list[dict[str, str]]:
    text = "".join(line + "\n" for line in postings_csv(ledger))
    return list(csv.DictReader(StringIO(text, newline="")))


def test_a_posting_is_seen_as_its_wallet_sees_it() -> None:
    rows = read(FakeLedger(lines=[paid(external("JPY"), customer("Ada", 7, "JPY"), 5000, 1)]))
    assert [(row["owner"], row["amount"], row["currency"]) for row in rows] == [
        ("", "-5000", "JPY"),
        ("Ada", "5000", "JPY"),
    ]
    assert rows[1]["account"] == "Liabilities:Customers:Ada-0000000000000007:JPY"
    assert rows[1]["created_at"] == "2026-01-31T12:01:00.000000Z"
    assert NOON.year == 2026


@given(ledgers())
def test_every_posting_has_a_line_of_all_columns(ledger: FakeLedger) -> None:
    rows = read(ledger)
    assert len(rows) == sum(len(line.postings) for line in ledger.lines)
    assert all(tuple(row) == COLUMNS and None not in row.values() for row in rows)
    assert sum(float(row["amount"]) for row in rows) == 0


@given(ledgers())
def test_nothing_that_people_wrote_is_a_formula(ledger: FakeLedger) -> None:
    for row in read(ledger):
        for column in WRITTEN_BY_PEOPLE:
            assert not row[column].lstrip().startswith(("=", "+", "-", "@", "\uff1d"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r", "\n", " =1", "\uff1d1"])
def test_a_formula_is_made_harmless(text: str) -> None:
    assert harmless(text) == f"'{text}"


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1))
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
