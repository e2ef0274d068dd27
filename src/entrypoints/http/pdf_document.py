"""The pages of a statement, put together by reportlab."""

from collections.abc import Sequence
from io import BytesIO
from threading import Lock
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, NextPageTemplate, PageTemplate

from domain.statement import Line, Statement, Totals
from entrypoints.http.pdf_fonts import register_fonts
from entrypoints.http.pdf_page import (
    FOOT,
    HEAD_OF_FIRST,
    HEAD_OF_LATER,
    MARGIN,
    WIDTH,
    draw_first,
    draw_foot,
    draw_later,
)
from entrypoints.http.pdf_rows import Closing, Movement

# reportlab keeps its fonts for the whole process.
_one_at_a_time = Lock()


def pdf_document(statement: Statement, lines: Sequence[Line]) -> bytes:
    """The file; the same statement gives the same bytes."""
    totals = Totals()
    for line in lines:
        totals.add(line.amount)
    with _one_at_a_time:
        register_fonts()
        file = BytesIO()
        document = BaseDocTemplate(
            file,
            pagesize=A4,
            pageTemplates=_templates(statement, totals),
            title=f"Statement of {statement.account_name}",
            author="Simple Payments",
            subject=f"Wallet {statement.wallet_id}",
            invariant=1,
        )
        document.build(_story(statement, lines), canvasmaker=_NumberedCanvas)
    return file.getvalue()


def _story(statement: Statement, lines: Sequence[Line]) -> list[Flowable]:
    rows = (Movement(line, statement.exponent) for line in lines)
    return [NextPageTemplate("later"), *rows, Closing(statement)]


def _templates(statement: Statement, totals: Totals) -> list[PageTemplate]:
    return [
        PageTemplate(
            "first",
            [_frame(HEAD_OF_FIRST)],
            onPage=lambda canvas, _: draw_first(canvas, statement, totals),
        ),
        PageTemplate(
            "later", [_frame(HEAD_OF_LATER)], onPage=lambda canvas, _: draw_later(canvas, statement)
        ),
    ]


def _frame(head: float) -> Frame:
    height = A4[1] - head - FOOT
    return Frame(
        MARGIN, FOOT, WIDTH, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0
    )


class _NumberedCanvas(Canvas):
    """Draws the foot of each page when it is known how many there are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._pages.append(dict(vars(self)))
        self._startPage()  # type: ignore[attr-defined]

    def save(self) -> None:
        pages = self._pages
        for number, page in enumerate(pages, start=1):
            vars(self).update(page)
            draw_foot(self, number, len(pages))
            super().showPage()
        super().save()
