"""A figure is something that can be measured again and again on a stage."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.measure import Measurement
from benchmarks.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`measure` loads the stage for so many seconds; `prepare` starts what it needs before that."""

    name: str
    measure: Callable[[Stage, int], Measurement]
    prepare: Callable[[Stage], object] = lambda stage: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the table: `subject` divided by `reference` should reach `at_least`, better `aim`.

    Rates are compared; with `by_p99` the p99 of the reference is divided by that of the subject.
    """

    name: str
    title: str
    subject: Figure
    reference: Figure
    at_least: float
    aim: float
    beside: Figure | None = None
    by_p99: bool = False
