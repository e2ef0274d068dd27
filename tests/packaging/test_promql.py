"""Every expression in ops/ is PromQL, asks for values that the metrics have, and answers when it should."""

import re
import shutil
import subprocess
from collections.abc import Iterator

import promql_parser
import pytest
from prometheus_client.parser import text_string_to_metric_families

from entrypoints.config import Settings
from entrypoints.container import Container
from service_layer.rate_limits import Kind
from tests.packaging.test_ops import ALERTS, ROOT, expressions

UNIT_TESTS = ROOT / "tests" / "packaging" / "alerts_test.yml"
# Values of these are of requests; those of `le` are of histograms.
OPEN = {"route", "method", "status", "le", "job", "instance"}
# Nobody has been refused yet in what is exposed here.
NOTED = {"event": {"refused", "uncounted"}, "kind": {*map(str, Kind)}}
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"
VARIABLE = re.compile(r"\$__rate_interval|\$__range")


def selectors(expression: str) -> Iterator[promql_parser.VectorSelector]:
    found: list[promql_parser.VectorSelector] = []

    def note(node: promql_parser.Expr) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        elif isinstance(node, promql_parser.MatrixSelector):
            found.append(node.vector_selector)
        return True

    promql_parser.walk(promql_parser.parse(VARIABLE.sub("5m", expression)), pre_visit=note)
    yield from found


def values_of_labels() -> dict[str, set[str]]:
    """Those that the metrics have before anything happens: backlogs in memory, pools on a database."""
    values: dict[str, set[str]] = {name: set(noted) for name, noted in NOTED.items()}
    for settings in (Settings(memory=True), Settings(database_url=NO_DATABASE)):
        shown, _ = Container(settings=settings).exposition().show("")
        for family in text_string_to_metric_families(shown.decode()):
            for sample in family.samples:
                for name, value in sample.labels.items():
                    values.setdefault(name, set()).add(value)
    return values


VALUES = values_of_labels()


@pytest.mark.parametrize(("where", "expression"), expressions())
def test_every_expression_is_promql_of_metrics_alone(where: str, expression: str) -> None:
    found = list(selectors(expression))
    assert found
    assert {(selector.name or "").partition("_")[0] for selector in found} == {"payments"}


@pytest.mark.parametrize(("where", "expression"), expressions())
def test_every_value_that_is_asked_for_is_one_that_there_is(where: str, expression: str) -> None:
    for selector in selectors(expression):
        for matcher in selector.matchers.matchers if selector.matchers else ():
            if matcher.name in OPEN:
                continue
            is_regex = matcher.op in (promql_parser.MatchOp.Re, promql_parser.MatchOp.NotRe)
            pattern = matcher.value if is_regex else re.escape(matcher.value)
            assert any(re.fullmatch(pattern, value) for value in VALUES[matcher.name]), matcher


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_each_alert_fires_when_it_should_and_only_then() -> None:
    done = subprocess.run(
        ["promtool", "test", "rules", str(UNIT_TESTS)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout


def test_each_alert_is_tested() -> None:
    named = re.findall(r'alertname="(\w+)"', UNIT_TESTS.read_text())
    assert set(named) == set(re.findall(r"alert: (\w+)", ALERTS.read_text()))
