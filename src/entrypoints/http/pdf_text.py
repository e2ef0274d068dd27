"""Text for documents: lines that fit a width, amounts as people write them."""

from collections.abc import Iterator

from reportlab.pdfbase.pdfmetrics import stringWidth

MINUS = "\N{MINUS SIGN}"


def lines_within(text: str, font: str, size: float, width: float) -> list[str]:
    """The text in lines no wider than that: broken between words, inside of one where it alone is wider."""
    lines: list[str] = []
    line = ""
    for word in _words(text, font, size, width):
        longer = f"{line} {word}" if line else word
        if line and stringWidth(longer, font, size) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines


def _words(text: str, font: str, size: float, width: float) -> Iterator[str]:
    for word in text.split():
        rest = word
        while stringWidth(rest, font, size) > width and len(rest) > 1:
            fitting = _fitting(rest, font, size, width)
            yield rest[:fitting]
            rest = rest[fitting:]
        yield rest


def _fitting(word: str, font: str, size: float, width: float) -> int:
    """How many characters of a word fit, at least one."""
    used = 0.0
    for count, character in enumerate(word):
        used += stringWidth(character, font, size)
        if used > width:
            return max(1, count)
    return len(word)


def grouped(decimal: str, *, signed: bool = False) -> str:
    """A decimal number with its thousands grouped: 1,234.50, or +1,234.50 when its sign matters."""
    major, point, minor = decimal.lstrip("-").partition(".")
    sign = MINUS if decimal.startswith("-") else "+" if signed else ""
    return f"{sign}{int(major):,}{point}{minor}"
