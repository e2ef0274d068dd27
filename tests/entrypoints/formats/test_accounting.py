"""Beancount and hledger take what is exported for them, and notice a wrong cent in it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from entrypoints.formats.beancount import beancount
from entrypoints.formats.hledger import hledger
from tests.accounting_programs import bean_check, hledger_check
from tests.entrypoints.formats.ledgers import (
    FakeLedger,
    customer,
    external,
    ledgers,
    paid,
)

SOME = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ADA, BOB = customer("Ada", 0xADA), customer("Bob", 0xB0B)
TWO = FakeLedger(lines=[paid(external(), ADA, 5000, 1), paid(ADA, BOB, 1050, 2, reference="r")])


def file_of(lines: list[str], folder: Path) -> Path:
    file = folder / "books"
    file.write_bytes(b"".join(line.encode() + b"\n" for line in lines))
    return file


@SOME
@given(ledger=ledgers())
def test_beancount_takes_any_ledger(ledger: FakeLedger, tmp_path: Path) -> None:
    assert bean_check(file_of(list(beancount(ledger)), tmp_path)) == ""


@SOME
@given(ledger=ledgers())
def test_hledger_takes_any_ledger(ledger: FakeLedger, tmp_path: Path) -> None:
    assert hledger_check(file_of(list(hledger(ledger)), tmp_path)) == ""


def test_what_a_customer_has_is_owed_what_came_in_is_there() -> None:
    lines = list(beancount(TWO))
    assert (
        "2026-02-04 balance Liabilities:Customers:Ada-0000000000000ada:USD  -39.50 ~ 0 USD" in lines
    )
    assert (
        "2026-02-04 balance Liabilities:Customers:Bob-0000000000000b0b:USD  -10.50 ~ 0 USD" in lines
    )
    assert "2026-02-04 balance Assets:External:USD  50.00 ~ 0 USD" in lines
    assert "  Liabilities:Customers:Ada-0000000000000ada:USD  -39.50 USD" not in lines


@pytest.mark.parametrize(("old", "new"), [("-10.50 ~", "-10.51 ~"), ("50.00 ~", "49.99 ~")])
def test_beancount_notices_a_cent(old: str, new: str, tmp_path: Path) -> None:
    text = "\n".join(beancount(TWO)).replace(old, new)
    assert "Balance failed" in bean_check(file_of([text], tmp_path))


@pytest.mark.parametrize(("old", "new"), [("== -10.50", "== -10.51"), ("== 50.00", "== 49.99")])
def test_hledger_notices_a_cent(old: str, new: str, tmp_path: Path) -> None:
    text = "\n".join(hledger(TWO)).replace(old, new)
    assert "assertion" in hledger_check(file_of([text], tmp_path))


def test_a_reversal_has_the_link_of_what_it_reverses() -> None:
    original, hold = TWO.lines[0], TWO.lines[1].id
    reversal = paid(ADA, external(), 5000, 3, reverses=original.id, hold_id=hold)
    text = "\n".join(beancount(FakeLedger(lines=[original, reversal])))
    assert text.count(f"^{original.id}") == 2
    assert text.count(f"^hold-{hold}") == 1


def test_the_file_ends_with_a_line_that_says_so() -> None:
    for lines in (list(beancount(TWO)), list(hledger(TWO))):
        assert lines[-1] == "; The end: the file is whole."
