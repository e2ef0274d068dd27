"""The fonts of documents: one of this machine that knows most scripts, else the one that reportlab brings."""

from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

TEXT, BOLD = "statement-text", "statement-bold"
FOLDERS = (
    "/usr/share/fonts/truetype/dejavu",
    "/usr/share/fonts/dejavu",
    "/usr/share/fonts/dejavu-sans-fonts",
    "/usr/share/fonts/TTF",
    "/usr/local/share/fonts/dejavu",
)
DEJAVU = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
BUNDLED = ("Vera.ttf", "VeraBd.ttf")


@cache
def register_fonts() -> bool:
    """Make TEXT or BOLD known to reportlab; whether they are the good ones."""
    for folder in FOLDERS:
        files = [Path(folder) / name for name in DEJAVU]
        if all(file.is_file() for file in files) and _register(*map(str, files)):
            return True
    _register(*BUNDLED)
    return False


def _register(text: str, bold: str) -> bool:
    try:
        fonts = [TTFont(TEXT, text), TTFont(BOLD, bold)]
    except TTFError:  # a file that is no font
        return False
    for font in fonts:
        pdfmetrics.registerFont(font)
    return True
