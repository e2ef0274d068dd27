"""The table of ratios."""

from collections.abc import Iterable, Sequence

from benchmarks.measure import Measurement, median_of
from benchmarks.rounds import RowResult

HEAD = (
    "what",
    "per second",
    "p50 ms",
    "p99 ms",
    "vs per second",
    "ratio",
    "spread",
    "least",
    "aim",
    "",
)


def render(conditions: dict[str, str], results: Sequence[RowResult]) -> str:
    """Conditions, then one line for each row; medians of all rounds."""
    lines = [HEAD, *map(_line, results), *_besides(results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    table = ["  ".join(_cells(line, widths)).rstrip() for line in lines]
    table.insert(1, "-" * len(table[0]))
    return "\n".join(["", head(conditions), "", *table, *_problems(results)])


def head(conditions: dict[str, str]) -> str:
    """The conditions, one a line."""
    return "\n".join(f"{name:11} {value}" for name, value in conditions.items())


def _line(result: RowResult) -> tuple[str, ...]:
    row = result.row
    ratios = result.ratios()
    ratio = median_of(list(ratios)) or 0.0
    return (
        row.title,
        _rate(result.subjects),
        _milliseconds([each.p50_ms for each in result.subjects]),
        _milliseconds([each.p99_ms for each in result.subjects]),
        _rate(result.references),
        f"{ratio:.2f}",
        f"{min(ratios):.2f}-{max(ratios):.2f}",
        f"{row.at_least:g}",
        f"{row.aim:g}",
        verdict(result),
    )


def verdict(result: RowResult) -> str:
    """One word for the row."""
    if result.problems():
        return "INVALID"
    ratio = median_of(list(result.ratios())) or 0.0
    if ratio >= result.row.aim:
        return "aim"
    return "ok" if ratio >= result.row.at_least else "below"


def _besides(results: Iterable[RowResult]) -> list[tuple[str, ...]]:
    return [
        (f"  ({result.row.beside.name})", _rate(result.besides), *[""] * (len(HEAD) - 2))
        for result in results
        if result.row.beside and result.besides
    ]


def _rate(measurements: Sequence[Measurement]) -> str:
    return f"{median_of([each.per_second for each in measurements]) or 0:,.0f}"


def _milliseconds(values: list[float | None]) -> str:
    known = median_of(values)
    return "" if known is None else f"{known:.1f}"


def _cells(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(line, widths, strict=True)
    return [first[0].ljust(first[1]), *[text.rjust(width) for text, width in others]]


def _problems(results: Iterable[RowResult]) -> list[str]:
    return [f"INVALID {each.row.name}: {text}" for each in results for text in each.problems()]
