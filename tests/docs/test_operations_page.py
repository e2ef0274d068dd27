"""The examples in docs/operations.md are what the service says, or takes."""

import json
import re
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from entrypoints.config import Settings
from entrypoints.http.problem_table import BY_CODE
from entrypoints.http.watch import Seen
from entrypoints.request_log import request_log
from entrypoints.setting_names import variables

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/operations.md").read_text()


def example(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    text: str = found
    return text


def test_the_line_of_a_request_is_what_a_server_would_write() -> None:
    shown = json.loads(example("json"))
    lines: list[bytes] = []
    log = request_log(Settings(log_format="json"), lines.append)
    assert log is not None
    seen = Seen(
        request_id=shown["request_id"],
        actor=shown["actor"],
        method=shown["method"],
        route=shown["route"],
        status=str(shown["status"]),
        code=shown["code"],
        seconds=shown["duration_ms"] / 1000,
    )
    log(seen)
    written = json.loads(lines[0])
    assert list(written) == list(shown)
    when = written.pop("timestamp"), shown.pop("timestamp")
    assert written == shown
    assert [datetime.fromisoformat(each).tzname() for each in when] == ["UTC", "UTC"]


def test_the_configuration_names_the_port_and_the_rules() -> None:
    configuration = yaml.safe_load(example("yaml"))
    (job,) = configuration["scrape_configs"]
    assert job["static_configs"] == [{"targets": [f"127.0.0.1:{Settings().port}"]}]
    assert [(ROOT / "ops" / name).is_file() for name in configuration["rule_files"]] == [True]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"PAYMENTS_[A-Z_]+|OTEL_\w+", PAGE))))
def test_every_setting_it_names_exists(name: str) -> None:
    assert name in {*variables().values(), "OTEL_SERVICE_NAME", "OTEL_TRACES_SAMPLER"}


def test_every_code_it_names_exists() -> None:
    named = set(re.findall(r"503\s+`([a-z-]+)`", PAGE))
    assert len(named) >= 3
    assert named <= BY_CODE.keys()
