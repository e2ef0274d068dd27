"""Statements over HTTP: the same movements as JSON, CSV or PDF."""

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from pypdf import PdfReader
from werkzeug.test import TestResponse

from adapters.postgres.history import PostgresHistory
from domain.errors import Unavailable
from domain.period import FINAL_AFTER
from domain.statement import Line, Statement
from entrypoints.http import long_answer, pdf_fonts, statement_pdf
from service_layer import history
from tests.concurrency.rig import as_superuser, sql
from tests.entrypoints.bank import Bank, assert_problem
from tests.entrypoints.contract import contract_client
from tests.stage import Stage

PERIOD = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}
SCRIPTS = [
    "ź",
    "Жук",
    "🎫 x",
    "שלום",
    "مرحبا",
    "漢字",
    "e\u0301",
    "x" * 500,
    "a\u2028b",
    "a\U000e0001",
]
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", " =1"]  # noqa: RUF001


def statement(
    bank: Bank, wallet: str, accept: str = "application/json", **query: Any
) -> TestResponse:
    path = f"/v1/wallets/{wallet}/statement"
    return bank.client.get(path, query_string=PERIOD | query, headers={"Accept": accept})


def rows_of(response: TestResponse) -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    return list(csv.DictReader(StringIO(response.text, newline="")))


def text_of(response: TestResponse) -> str:
    assert response.status_code == 200, response.text
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(response.data)).pages)


def a_history(bank: Bank, stage: Stage) -> tuple[str, list[dict[str, Any]]]:
    """A wallet with three movements in the period, the first of four; gives the three transactions."""
    wallet, other = bank.a_wallet(100_000), bank.a_wallet()
    stage.clock.move(days=1)
    made = [
        bank.transfer(wallet, other, amount=1050, reference="order-1", description="Tickets").json,
        bank.transfer(wallet, other, amount=5).json,
        bank.transfer(other, wallet, amount=7).json,
    ]
    return wallet, made


def test_a_statement_shows_opening_movements_closing(bank: Bank, stage: Stage) -> None:
    wallet, made = a_history(bank, stage)
    shown = statement(bank, wallet, **{"from": "2026-01-02T00:00:00Z"}).json
    lines = shown.pop("lines")
    account = bank.get(f"/v1/wallets/{wallet}")["account_id"]
    assert shown == {
        "wallet_id": wallet,
        "account_id": account,
        "account_name": "Ada",
        "currency": "USD",
        "from": "2026-01-02T00:00:00.000000Z",
        "to": "2026-02-01T00:00:00.000000Z",
        "final": False,
        "opening_balance": 100_000,
        "closing_balance": 98_952,
        "movements": 3,
        "total_in": 7,
        "total_out": 1055,
    }
    assert [line["transaction_id"] for line in lines] == [each["id"] for each in made]
    assert lines[0] == {
        "wallet_version": 2,
        "created_at": made[0]["created_at"],
        "type": "transfer",
        "transaction_id": made[0]["id"],
        "reference": "order-1",
        "description": "Tickets",
        "amount": -1050,
        "balance_after": 98_950,
    }


def test_a_statement_becomes_final(bank: Bank, stage: Stage) -> None:
    wallet = bank.a_wallet(5)
    to = {"to": "2026-01-01T00:00:01Z"}
    assert statement(bank, wallet, **to).json["final"] is False
    provisional = statement(bank, wallet, "text/csv", **to)
    assert "-provisional.csv" in provisional.headers["Content-Disposition"]
    stage.clock.move(seconds=1 + FINAL_AFTER.total_seconds())
    assert statement(bank, wallet, **to).json["final"] is True
    final = statement(bank, wallet, "text/csv", **to)
    assert final.headers["Content-Disposition"] == (
        f'attachment; filename="statement-{wallet}-20260101T000000Z-20260101T000001Z.csv"'
    )


def test_the_csv_has_the_same_movements(bank: Bank, stage: Stage) -> None:
    wallet, _ = a_history(bank, stage)
    shown = statement(bank, wallet).json
    response = statement(bank, wallet, "text/csv")
    assert response.content_type == "text/csv; charset=utf-8; header=present"
    opening, *movements, closing = rows_of(response)
    for row, line in zip(movements, shown["lines"], strict=True):
        for name in ("created_at", "type", "transaction_id"):
            assert row[name] == line[name]
        assert row["reference"] == (line["reference"] or "")
        assert int(row["amount_minor"]) == line["amount"]
        assert int(row["balance_after_minor"]) == line["balance_after"]
        assert row["currency"] == "USD"
    assert [row["amount"] for row in movements] == ["1000.00", "-10.50", "-0.05", "0.07"]
    assert (opening["type"], opening["balance_after"], opening["amount"]) == (
        "opening-balance",
        "0.00",
        "",
    )
    assert (closing["type"], closing["balance_after"]) == ("closing-balance", "989.52")
    assert response.text.count("\r\n") == len(movements) + 3 == response.text.count("\n")


@pytest.mark.parametrize("currency", ["JPY"])
def test_a_currency_without_minor_units_has_no_decimal_point(bank: Bank, currency: str) -> None:
    wallet = bank.a_wallet(1050, currency=currency)
    _, movement, _ = rows_of(statement(bank, wallet, "text/csv"))
    assert (movement["amount"], movement["amount_minor"]) == ("1050", "1050")


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_is_a_formula_for_a_spreadsheet(memory_bank: Bank, text: str) -> None:
    wallet, other = memory_bank.a_wallet(100), memory_bank.a_wallet()
    memory_bank.transfer(wallet, other, reference=text, description=text)
    *_, movement, _ = rows_of(statement(memory_bank, wallet, "text/csv"))
    assert (movement["reference"], movement["description"]) == (f"'{text}", f"'{text}")
    assert movement["amount"] == "-1.00"


def test_what_csv_must_quote_is_quoted(memory_bank: Bank) -> None:
    wallet, other = memory_bank.a_wallet(100), memory_bank.a_wallet()
    memory_bank.transfer(wallet, other, description='one, "two";\u2028 three')
    *_, movement, _ = rows_of(statement(memory_bank, wallet, "text/csv"))
    assert movement["description"] == 'one, "two";\u2028 three'


def test_the_pdf_shows_the_same_movements(bank: Bank, stage: Stage) -> None:
    wallet, made = a_history(bank, stage)
    response = statement(bank, wallet, "application/pdf")
    assert response.mimetype == "application/pdf"
    assert response.headers["Content-Length"] == str(len(response.data))
    text = text_of(response)
    for shown in (wallet, "Ada", "1 January 2026", "31 January 2026", "Page 1 of 1", "Provisional"):
        assert shown in text
    for shown in ("+1,000.00", "−10.50", "989.52", "order-1", "Tickets", made[2]["id"]):  # noqa: RUF001
        assert shown in text


def test_the_same_statement_is_the_same_pdf(memory_bank: Bank) -> None:
    wallet = memory_bank.a_wallet(5)
    first, second = (statement(memory_bank, wallet, "application/pdf").data for _ in range(2))
    assert first == second


@pytest.mark.parametrize("fonts", ["of the machine", "bundled"])
@pytest.mark.parametrize("text", SCRIPTS)
def test_no_script_breaks_a_pdf(
    memory_bank: Bank, text: str, fonts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf_fonts.register_fonts.cache_clear()
    if fonts == "bundled":
        monkeypatch.setattr(pdf_fonts, "FOLDERS", ())
    account = memory_bank.open_account(name=text[:200])
    wallet, other = account["wallets"][0]["id"], memory_bank.a_wallet(500)
    memory_bank.transfer(other, wallet, description=text, reference=text[:200])
    assert "Page 1 of 1" in text_of(statement(memory_bank, wallet, "application/pdf"))
    pdf_fonts.register_fonts.cache_clear()


def test_a_long_pdf_repeats_the_titles_on_numbered_pages(memory_bank: Bank) -> None:
    wallet = memory_bank.a_wallet(100_000)
    for number in range(40):
        memory_bank.transfer(wallet, memory_bank.a_wallet(), amount=1, description=f"No. {number}.")
    pages = PdfReader(BytesIO(statement(memory_bank, wallet, "application/pdf").data)).pages
    texts = [page.extract_text() for page in pages]
    assert len(texts) > 2
    for number, text in enumerate(texts, start=1):
        assert f"Page {number} of {len(texts)}" in text
        assert "Details" in text
    shown = "\n".join(texts)
    assert [number for number in range(40) if shown.count(f"No. {number}.") != 1] == []


def test_a_pdf_that_is_too_long_is_refused_with_a_way_out(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement_pdf, "PDF_LINES_MAX", 1)
    wallet = bank.a_wallet(5)
    assert statement(bank, wallet, "application/pdf").status_code == 200
    bank.transfer(wallet, bank.a_wallet(), amount=1)
    problem = assert_problem(statement(bank, wallet, "application/pdf"), 422, "statement-too-long")
    assert "text/csv" in problem["detail"]
    assert problem["limit"] == 1
    assert statement(bank, wallet, "text/csv").status_code == 200


FORMS = {
    "*/*": "application/json",
    "text/*": "text/csv",
    "application/*": "application/json",
    "application/pdf, text/csv;q=0.5": "application/pdf",
    "text/csv;q=0.2, application/json;q=0.1": "text/csv",
    "text/html, */*;q=0.1": "application/json",
}


@pytest.mark.parametrize(("accept", "form"), FORMS.items())
def test_the_accept_header_chooses_the_form(memory_bank: Bank, accept: str, form: str) -> None:
    response = statement(memory_bank, memory_bank.a_wallet(5), accept)
    assert (response.status_code, response.mimetype) == (200, form)
    assert response.headers["Vary"] == "Accept"


@pytest.mark.parametrize("accept", ["text/html", "application/xml, application/pdf;q=0"])
def test_other_forms_are_not_acceptable(memory_bank: Bank, accept: str) -> None:
    problem = assert_problem(
        statement(memory_bank, memory_bank.a_wallet(5), accept), 406, "not-acceptable"
    )
    assert "text/csv" in problem["detail"]


@pytest.mark.parametrize("accept", ["application/json", "text/csv", "application/pdf"])
def test_a_head_of_a_statement_has_no_body(memory_bank: Bank, accept: str) -> None:
    path = f"/v1/wallets/{memory_bank.a_wallet(5)}/statement"
    response = memory_bank.client.head(path, query_string=PERIOD, headers={"Accept": accept})
    assert (response.status_code, response.data, response.mimetype) == (200, b"", accept)


@pytest.mark.parametrize("accept", ["application/json", "text/csv", "application/pdf"])
def test_a_wallet_without_postings_has_a_statement(bank: Bank, accept: str) -> None:
    response = statement(bank, bank.a_wallet(), accept)
    assert response.status_code == 200
    assert response.data


@pytest.mark.parametrize("in_memory_max", [10, 1_000_000])
@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
def test_a_long_statement_waits_on_the_disk_then_is_sent_in_parts(
    memory_bank: Bank, monkeypatch: pytest.MonkeyPatch, accept: str, in_memory_max: int
) -> None:
    wallet = memory_bank.a_wallet(5)
    for _ in range(5):
        memory_bank.transfer(wallet, memory_bank.a_wallet(), amount=1)
    whole = statement(memory_bank, wallet, accept)
    monkeypatch.setattr(history, "LINES_AT_ONCE", 2)
    monkeypatch.setattr(long_answer, "PART_BYTES", 300)
    monkeypatch.setattr(long_answer, "IN_MEMORY_BYTES_MAX", in_memory_max)
    again = statement(memory_bank, wallet, accept)
    assert again.data == whole.data
    assert again.headers["Content-Length"] == str(len(whole.data))


@pytest.mark.parametrize("accept", ["application/json", "text/csv", "application/pdf"])
def test_a_database_that_fails_in_the_middle_is_answered_with_a_problem(
    postgres_stage: Stage, monkeypatch: pytest.MonkeyPatch, accept: str
) -> None:
    bank = Bank(contract_client(postgres_stage.container.app()))
    wallet = bank.a_wallet(5)
    bank.transfer(wallet, bank.a_wallet(), amount=1)
    monkeypatch.setattr(history, "LINES_AT_ONCE", 1)
    of_postgres: PostgresHistory = postgres_stage.container.history()
    lines = of_postgres.lines

    def fail_at_the_second(statement: Statement, *, after: int, limit: int) -> list[Line]:
        if after:
            raise Unavailable("The database has gone.")
        return lines(statement, after=after, limit=limit)

    monkeypatch.setattr(of_postgres, "lines", fail_at_the_second)
    assert_problem(statement(bank, wallet, accept), 503, "unavailable")


@pytest.mark.damages_the_books
@pytest.mark.parametrize("accept", ["application/json", "text/csv", "application/pdf"])
def test_a_statement_that_does_not_add_up_is_not_given_out(
    postgres_stage: Stage, accept: str
) -> None:
    bank = Bank(contract_client(postgres_stage.container.app()))
    wallet = bank.a_wallet(5)
    bank.transfer(wallet, bank.a_wallet(), amount=1)
    sql(
        as_superuser(postgres_stage.url or ""),
        "SET session_replication_role = replica;"
        " UPDATE posting SET amount = 6 WHERE wallet_id = %s AND wallet_version = 1",
        wallet,
    )
    assert_problem(statement(bank, wallet, accept), 500, "internal-error")
