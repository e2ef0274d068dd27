"""A curve as the table of docs/performance.md."""

from benchmarks.overload import KEPT_AT_LEAST, P99_AT_MOST, Curve, Point

HEAD = """\
| offered | per second | posted | refused | p50 ms | p99 ms | refusals, p99 ms |
|---|---|---|---|---|---|---|"""


def render(curve: Curve) -> str:
    """Markdown, with the two ratios that are aimed at."""
    return "\n".join(
        [
            HEAD,
            *map(_line, curve.points),
            "",
            _ratios(curve),
            *_problems(curve),
        ]
    )


def _ratios(curve: Curve) -> str:
    return (
        f"From the capacity on, goodput is at least {curve.kept_at_least:.2f} of its peak"
        f" (aim {KEPT_AT_LEAST:g}), p99 at most {curve.p99_ratio:.2f} times that at the capacity"
        f" (aim {P99_AT_MOST:g})."
    )


def _line(point: Point) -> str:
    refusals = f"{point.refusal_p99_ms:.0f}" if point.refused else ""
    return (
        f"| {point.factor:g} x | {point.offered:,.0f} | {point.per_second:,.0f} | {point.refused:,.0f}"
        f" | {point.p50_ms:.0f} | {point.p99_ms:.0f} | {refusals} |"
    )


def _problems(curve: Curve) -> list[str]:
    return [f"INVALID at {p.factor:g} x: {text}" for p in curve.points for text in p.problems]
