"""Alternating rounds: each subject right beside what it is compared with."""

from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.figure import Figure, Row
from benchmarks.measure import Measurement
from benchmarks.stage import Stage

Tell = Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class RowResult:
    """The measurements of one row, one for each round."""

    row: Row
    subjects: list[Measurement] = field(default_factory=list)
    references: list[Measurement] = field(default_factory=list)
    besides: list[Measurement] = field(default_factory=list)

    def ratios(self) -> list[float]:
        """What each round says."""
        pairs = list(zip(self.subjects, self.references, strict=True))
        if self.row.by_p99:
            return [(reference.p99_ms or 0) / (subject.p99_ms or 1) for subject, reference in pairs]
        return [subject.per_second / reference.per_second for subject, reference in pairs]

    def problems(self) -> list[str]:
        """Why this row means nothing, if anything went wrong."""
        found = [*self.subjects, *self.references, *self.besides]
        return [problem for measurement in found for problem in measurement.problems]


@dataclass(slots=True, kw_only=True)
class Rounds:
    """In a quick run a reference is measured once and shared by its rows."""

    stage: Stage
    tell: Tell
    _shared: dict[str, Measurement] = field(default_factory=dict)

    def run(self, row: Row) -> RowResult:
        """All rounds of one row."""
        result = RowResult(row=row)
        for figure in filter(None, (row.reference, row.subject, row.beside)):
            figure.prepare(self.stage)
        for number in range(self.stage.options.rounds):
            self._round(row, result, reference_first=number % 2 == 0)
        return result

    def _round(self, row: Row, result: RowResult, *, reference_first: bool) -> None:
        """Odd rounds run the other way about, so that neither always has the warmer machine."""
        order = [(row.reference, result.references), (row.subject, result.subjects)]
        for figure, measurements in order if reference_first else reversed(order):
            measurements.append(self._measure(figure))
        if row.beside:
            result.besides.append(self._measure(row.beside))

    def _measure(self, figure: Figure) -> Measurement:
        options = self.stage.options
        if options.share_references and figure.name in self._shared:
            return self._shared[figure.name]
        measurement = figure.measure(self.stage, options.seconds)
        self._shared[figure.name] = measurement
        trouble = "".join(f"  !! {problem}" for problem in measurement.problems)
        self.tell(f"  {figure.name:24} {measurement.per_second:10,.0f} /s{trouble}")
        return measurement
