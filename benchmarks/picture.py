"""The picture of a curve: offered load beside goodput, refusals, latency."""

from pathlib import Path
from typing import Any

from benchmarks.overload import Curve

INK, GRID, GOOD, REFUSED, P50 = "#24292f", "#d0d7de", "#1a7f37", "#cf222e", "#0969da"
SIZE_INCHES = (9, 3.8)
STYLE = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "payments",  # the same figures give the same file
    "font.family": "sans-serif",
    "axes.edgecolor": GRID,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def check_installed() -> None:
    """RuntimeError when there is nobody to draw."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise RuntimeError("the picture needs matplotlib: pip install -e '.[dev]'") from None


def draw(file: Path, curve: Curve, subtitle: str) -> None:
    """Write it as SVG."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=SIZE_INCHES, layout="constrained")
        rates, latencies = figure.subplots(1, 2)
        _draw_rates(rates, curve)
        _draw_latencies(latencies, curve)
        figure.suptitle(subtitle, fontsize=9)
        figure.savefig(file, format="svg", metadata={"Date": None})


def _draw_rates(axes: Any, curve: Curve) -> None:
    offered = [point.offered for point in curve.points]
    axes.plot(offered, [p.per_second for p in curve.points], "o-", color=GOOD, label="posted")
    axes.plot(offered, [p.refused for p in curve.points], "o--", color=REFUSED, label="refused")
    axes.set(xlabel="requests offered per second", ylabel="per second", ylim=(0, None))
    _finish(axes, curve)


def _draw_latencies(axes: Any, curve: Curve) -> None:
    offered = [point.offered for point in curve.points]
    axes.plot(offered, [p.p99_ms for p in curve.points], "o-", color=GOOD, label="posted, p99")
    axes.plot(offered, [p.p50_ms for p in curve.points], "o-", color=P50, label="posted, p50")
    refused = [point for point in curve.points if point.refused]
    axes.plot(
        [point.offered for point in refused],
        [point.refusal_p99_ms for point in refused],
        "o--",
        color=REFUSED,
        label="refused, p99",
    )
    axes.set(xlabel="requests offered per second", ylabel="ms from when it was due", ylim=(0, None))
    _finish(axes, curve)


def _finish(axes: Any, curve: Curve) -> None:
    axes.axvline(curve.capacity, color=INK, linewidth=0.8, linestyle=":")
    axes.annotate(
        "capacity",
        (curve.capacity, 1),
        xycoords=("data", "axes fraction"),
        xytext=(3, -8),
        textcoords="offset points",
        fontsize=8,
    )
    axes.set_xlim(0, None)
    axes.grid(color=GRID, linewidth=0.5)
    axes.legend(frameon=False, fontsize=8)
