"""What stands on the pages of a statement beside its rows: head, column titles, foot."""

from datetime import datetime, timedelta

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from domain.money import decimal_text
from domain.period import Period
from domain.statement import Statement, Totals
from entrypoints.http.pdf_fonts import BOLD, TEXT
from entrypoints.http.pdf_text import grouped, lines_within

MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
RIGHT, TOP = A4[0] - MARGIN, A4[1]
HEAD_OF_FIRST = 104 * mm
HEAD_OF_LATER = 34 * mm
FOOT = 24 * mm
INK, GREY, LINE, BAND = (HexColor(each) for each in ("#1b2430", "#66707c", "#d5dae0", "#eef2f6"))
ACCENT, INCOMING = HexColor("#17406d"), HexColor("#1b6b3a")

DATE = MARGIN + 2 * mm
DETAILS = MARGIN + 30 * mm
DETAILS_WIDTH = 80 * mm
BALANCE = RIGHT - 2 * mm
AMOUNT = RIGHT - 34 * mm
PROVISIONAL = "Provisional: movements may still be added to this period."


def write(canvas: Canvas, x: float, y: float, text: str, size: float, **how: object) -> None:
    """Text from x on, or up to x with `right=True`; `font` and `color` as wished."""
    canvas.setFont(str(how.get("font", TEXT)), size)
    color = how.get("color", INK)
    canvas.setFillColor(color if isinstance(color, Color) else INK)
    (canvas.drawRightString if how.get("right") else canvas.drawString)(x, y, text)


def draw_first(canvas: Canvas, statement: Statement, totals: Totals) -> None:
    """Title, whose statement it is of which period, the sums, the titles of the columns."""
    canvas.setFillColor(ACCENT)
    canvas.rect(0, TOP - 6 * mm, A4[0], 6 * mm, stroke=0, fill=1)
    write(canvas, MARGIN, TOP - 25 * mm, "Account statement", 20, font=BOLD, color=ACCENT)
    write(canvas, RIGHT, TOP - 25 * mm, statement.currency, 13, font=BOLD, right=True)
    name = lines_within(statement.account_name, BOLD, 11, 84 * mm)[:2]
    for number, line in enumerate(name):
        write(canvas, MARGIN, TOP - (38 + 5 * number) * mm, line, 11, font=BOLD)
    below = TOP - (38 + 5 * len(name)) * mm
    write(canvas, MARGIN, below, f"Wallet {statement.wallet_id}", 8, color=GREY)
    write(canvas, MARGIN, below - 4.5 * mm, f"Account {statement.account_id}", 8, color=GREY)
    write(canvas, RIGHT, TOP - 38 * mm, "Period", 8, color=GREY, right=True)
    for number, line in enumerate(period_text(statement.period)):
        write(canvas, RIGHT, TOP - (43 + 5 * number) * mm, line, 9.5, font=BOLD, right=True)
    if not statement.final:
        write(canvas, RIGHT, TOP - 54 * mm, PROVISIONAL, 7.5, color=GREY, right=True)
    _draw_sums(canvas, statement, totals)
    draw_titles(canvas, TOP - HEAD_OF_FIRST)


def draw_later(canvas: Canvas, statement: Statement) -> None:
    """A short reminder of whose statement it is, the titles of the columns."""
    y = TOP - 16 * mm
    write(canvas, MARGIN, y, "Account statement", 9, font=BOLD, color=ACCENT)
    name = lines_within(statement.account_name, TEXT, 8, 70 * mm)[:1]
    write(canvas, MARGIN + 36 * mm, y, "".join(name), 8, color=GREY)
    period = " – ".join(period_text(statement.period))  # noqa: RUF001
    write(canvas, RIGHT, y, period, 8, color=GREY, right=True)
    draw_titles(canvas, TOP - HEAD_OF_LATER)


def draw_titles(canvas: Canvas, y: float) -> None:
    """The titles of the columns, in a band that ends at y."""
    canvas.setFillColor(ACCENT)
    canvas.rect(MARGIN, y, WIDTH, 7 * mm, stroke=0, fill=1)
    white = {"font": BOLD, "color": HexColor("#ffffff")}
    for x, title, right in (
        (DATE, "Date (UTC)", False),
        (DETAILS, "Details", False),
        (AMOUNT, "Amount", True),
        (BALANCE, "Balance", True),
    ):
        write(canvas, x, y + 2.3 * mm, title, 8, right=right, **white)


def draw_foot(canvas: Canvas, number: int, count: int) -> None:
    """Which page it is of how many."""
    canvas.setStrokeColor(LINE)
    canvas.line(MARGIN, FOOT - 6 * mm, RIGHT, FOOT - 6 * mm)
    note = "Times are UTC. Amounts are signed: what left the wallet is negative."
    write(canvas, MARGIN, FOOT - 11 * mm, note, 7, color=GREY)
    write(canvas, RIGHT, FOOT - 11 * mm, f"Page {number} of {count}", 8, color=GREY, right=True)


def period_text(period: Period) -> list[str]:
    """First and last day when it is made of whole days; else its two instants."""
    whole = all(_is_midnight(each) for each in (period.from_time, period.to_time))
    if not whole:
        return [f"from {_instant(period.from_time)}", f"before {_instant(period.to_time)}"]
    first, last = period.from_time, period.to_time - timedelta(days=1)
    return [_day(first)] if first == last else [_day(first), _day(last)]


def _draw_sums(canvas: Canvas, statement: Statement, totals: Totals) -> None:
    y, height = TOP - 86 * mm, 20 * mm
    canvas.setFillColor(BAND)
    canvas.roundRect(MARGIN, y, WIDTH, height, 2 * mm, stroke=0, fill=1)
    sums = (
        ("Opening balance", statement.opening_balance),
        ("Money in", totals.total_in),
        ("Money out", -totals.total_out),
        ("Closing balance", statement.closing_balance),
    )
    for column, (title, amount) in enumerate(sums):
        x = MARGIN + (column + 1) * WIDTH / 4 - 4 * mm
        text = grouped(decimal_text(amount, statement.exponent))
        write(canvas, x, y + 12.5 * mm, title, 8, color=GREY, right=True)
        size = 11 if len(text) <= 16 else 8
        write(canvas, x, y + 5.5 * mm, text, size, font=BOLD, right=True)


def _is_midnight(time: datetime) -> bool:
    return (time.hour, time.minute, time.second, time.microsecond) == (0, 0, 0, 0)


def _day(time: datetime) -> str:
    return f"{time.day} {time:%B} {time.year}"


def _instant(time: datetime) -> str:
    return f"{time.isoformat(sep=' ', timespec='auto').removesuffix('+00:00')} UTC"
