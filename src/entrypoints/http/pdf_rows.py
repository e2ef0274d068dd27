"""The rows of a statement's table."""

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from domain.money import decimal_text
from domain.statement import Line, Statement
from entrypoints.http.pdf_fonts import BOLD, TEXT
from entrypoints.http.pdf_page import (
    ACCENT,
    AMOUNT,
    BALANCE,
    DATE,
    DETAILS,
    DETAILS_WIDTH,
    GREY,
    INCOMING,
    INK,
    LINE,
    MARGIN,
    WIDTH,
    write,
)
from entrypoints.http.pdf_text import grouped, lines_within

SIZE, LEADING = 8.5, 4 * mm
SMALL, SMALL_LEADING = 6.5, 3.1 * mm
PADDING = 2.2 * mm


class Movement(Flowable):
    """One line: when, what it was, how much, what was there then."""

    def __init__(self, line: Line, exponent: int) -> None:
        super().__init__()
        self._line = line
        self._exponent = exponent
        self._texts = lines_within(line.description or "", TEXT, SIZE, DETAILS_WIDTH)
        named = f"{line.reference}  ·  {line.transaction_id}" if line.reference else ""
        self._small = lines_within(named or str(line.transaction_id), TEXT, SMALL, DETAILS_WIDTH)

    def wrap(self, *_available: float) -> tuple[float, float]:
        texts = LEADING * (1 + len(self._texts))
        return WIDTH, 2 * PADDING + texts + SMALL_LEADING * len(self._small) - 1 * mm

    def draw(self) -> None:
        canvas, line = self.canv, self._line
        canvas.translate(-MARGIN, 0)  # from here on x is that of the page
        y = self.wrap()[1] - PADDING - 2.4 * mm
        write(canvas, DATE, y, f"{line.created_at:%Y-%m-%d %H:%M}", 8)
        write(canvas, DETAILS, y, line.type.capitalize(), SIZE, font=BOLD)
        amount = grouped(decimal_text(line.amount, self._exponent), signed=True)
        color = INCOMING if line.amount > 0 else INK
        write(canvas, AMOUNT, y, amount, SIZE, right=True, color=color)
        balance = grouped(decimal_text(line.balance_after, self._exponent))
        write(canvas, BALANCE, y, balance, SIZE, right=True)
        for text in self._texts:
            y -= LEADING
            write(canvas, DETAILS, y, text, SIZE)
        y -= LEADING
        for text in self._small:
            write(canvas, DETAILS, y, text, SMALL, color=GREY)
            y -= SMALL_LEADING
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.4)
        canvas.line(MARGIN, 0, MARGIN + WIDTH, 0)


class Closing(Flowable):
    """The last row: the closing balance, or that nothing has moved."""

    def __init__(self, statement: Statement) -> None:
        super().__init__()
        self._statement = statement

    def wrap(self, *_available: float) -> tuple[float, float]:
        return WIDTH, 11 * mm

    def draw(self) -> None:
        canvas, statement = self.canv, self._statement
        canvas.translate(-MARGIN, 0)
        count = statement.movements
        said = f"{count:,} movements" if count > 1 else "1 movement" if count else "No movements"
        write(canvas, DATE, 4 * mm, said, 8, color=GREY)
        balance = grouped(decimal_text(statement.closing_balance, statement.exponent))
        text = f"Closing balance   {statement.currency} {balance}"
        write(canvas, BALANCE, 4 * mm, text, 9, font=BOLD, color=ACCENT, right=True)
