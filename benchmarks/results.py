"""The raw results of a run, for machines."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.measure import Measurement
from benchmarks.rounds import RowResult
from benchmarks.table import verdict


def write(file: Path, conditions: dict[str, str], results: Sequence[RowResult]) -> None:
    """Write conditions and every measurement as JSON."""
    rows = [_row(result) for result in results]
    file.write_text(json.dumps({"conditions": conditions, "rows": rows}, indent=2) + "\n")


def _row(result: RowResult) -> dict[str, object]:
    row = result.row
    return {
        "name": row.name,
        "title": row.title,
        "at_least": row.at_least,
        "aim": row.aim,
        "verdict": verdict(result),
        "ratios": result.ratios(),
        "subject": _series(row.subject.name, result.subjects),
        "reference": _series(row.reference.name, result.references),
        "beside": _series(row.beside.name, result.besides) if row.beside else None,
    }


def _series(name: str, measurements: Sequence[Measurement]) -> dict[str, object]:
    return {"name": name, "rounds": [asdict(measurement) for measurement in measurements]}
