"""What ops/ and docs/operations.md say of the metrics is true of the metrics."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from entrypoints.config import Settings
from entrypoints.container import Container

ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "ops" / "alerts.yml"
DASHBOARD = ROOT / "ops" / "grafana-dashboard.json"
PAGE = (ROOT / "docs" / "operations.md").read_text()
NAME = re.compile(r"\bpayments_[a-z_]+")
LABELS = re.compile(r"\b(payments_[a-z_]+)\{([^}]*)\}")
GROUPED = re.compile(r"\bby \(([^)]*)\)")
LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
OF_HISTOGRAMS = ("_bucket", "_sum", "_count")
OF_PROMETHEUS = {"job", "le"}
ROW = re.compile(r"^\| `(payments_\w+)` \| (\w+) \| (.*?) \| (.*?) \|$", re.MULTILINE)


def families() -> dict[str, tuple[str, list[str], str]]:
    """Type, labels and help of every metric, by the name that its samples have."""
    container = Container(settings=Settings(memory=True))
    exposition = container.exposition()
    found: dict[str, tuple[str, list[str], str]] = {}
    for collector in exposition.registry._collector_to_names:
        labels = list(getattr(collector, "_labelnames", ()))
        for family in collector.describe():
            names = labels or list(getattr(family, "_labelnames", ()))
            suffix = "_total" if family.type == "counter" else ""
            found[family.name + suffix] = (family.type, names, family.documentation)
    return found


FAMILIES = families()


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return found


def expressions() -> list[tuple[str, str]]:
    """Every expression with where it stands."""
    alerts = [(rule["alert"], rule["expr"]) for rule in rules()]
    shown = [(panel["title"], each["expr"]) for panel in panels() for each in panel["targets"]]
    return alerts + shown


def family_of(name: str) -> str:
    """The metric whose sample has this name; KeyError for a name that nobody has."""
    if name in FAMILIES and FAMILIES[name][0] != "histogram":
        return name
    for suffix in OF_HISTOGRAMS:
        base = name.removesuffix(suffix)
        if name.endswith(suffix) and FAMILIES.get(base, ("",))[0] == "histogram":
            return base
    raise KeyError(name)


def test_there_is_something_to_compare() -> None:
    assert len(FAMILIES) == 23
    assert len(expressions()) > 30


@pytest.mark.parametrize(("where", "expression"), expressions())
def test_every_expression_names_metrics_and_labels_that_exist(where: str, expression: str) -> None:
    names = NAME.findall(expression)
    assert names
    known = OF_PROMETHEUS | {label for name in names for label in FAMILIES[family_of(name)][1]}
    for name, matchers in LABELS.findall(expression):
        labels = set(LABEL.findall(re.sub(r'"[^"]*"', '""', matchers)))
        assert labels <= {*FAMILIES[family_of(name)][1], *OF_PROMETHEUS}
    for grouped in GROUPED.findall(expression):
        assert set(re.split(r",\s*", grouped)) <= known


@pytest.mark.parametrize(("where", "expression"), expressions())
def test_a_counter_is_never_read_without_asking_how_fast_it_grows(
    where: str, expression: str
) -> None:
    for match in NAME.finditer(expression):
        if FAMILIES[family_of(match.group())][0] in ("counter", "histogram"):
            assert re.search(r"(rate|increase)\($", expression[: match.start()].rstrip())


def test_every_metric_is_shown() -> None:
    shown = {family_of(name) for _, text in expressions() for name in NAME.findall(text)}
    assert set(FAMILIES) - shown == set()


def test_panels_do_not_cover_each_other() -> None:
    cells: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        own = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not own & cells, panel["title"]
        assert max(x for x, _ in own) < 24
        cells |= own
    assert len({panel["id"] for panel in panels()}) == len(panels())


def test_every_alert_has_a_heading_in_the_runbook_and_every_heading_an_alert() -> None:
    headings = re.findall(r"^### (Payments\w+)$", PAGE, re.MULTILINE)
    assert headings == [rule["alert"] for rule in rules()]
    for rule in rules():
        anchor = f"docs/operations.md#{rule['alert'].lower()}"
        assert rule["annotations"]["runbook"] == anchor
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_the_table_of_metrics_says_what_the_metrics_say() -> None:
    table = [(name, kind, labels, text) for name, kind, labels, text in ROW.findall(PAGE)]
    assert table == [
        (name, kind, ", ".join(labels), text) for name, (kind, labels, text) in FAMILIES.items()
    ]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_accepts_the_rules() -> None:
    checked = subprocess.run(
        ["promtool", "check", "rules", str(ALERTS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr + checked.stdout
