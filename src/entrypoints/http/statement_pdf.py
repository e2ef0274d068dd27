"""A statement as PDF, for people."""

from itertools import islice

from flask import Response

from domain.statement import Statement
from entrypoints.http.answers import Answer
from entrypoints.http.request_errors import StatementTooLong
from entrypoints.http.statement_file import file_headers
from service_layer.history import Lines

PDF = "application/pdf"
PDF_LINES_MAX = 2000
"""About fifty pages, a second's work; what is longer is for programs."""
PDF_EXAMPLE = "%PDF-1.4 …"


def pdf_statement(statement: Statement, lines: Lines) -> Response:
    """The whole document; StatementTooLong."""
    if statement.movements > PDF_LINES_MAX:
        raise StatementTooLong(
            f"This statement has {statement.movements} lines, a PDF at most {PDF_LINES_MAX}."
            " Ask for text/csv, which has no limit, or for a shorter period.",
            limit=PDF_LINES_MAX,
        )
    # reportlab is imported when it is first needed: it takes longer than the rest of the service.
    from entrypoints.http.pdf_document import pdf_document

    body = pdf_document(statement, list(islice(lines, PDF_LINES_MAX + 1)))
    return Answer(body, headers=file_headers(statement, "pdf"), mimetype=PDF)
