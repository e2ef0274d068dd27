"""docs/in_and_out.md does what it says: its session is run, and its answers are compared."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from adapters.postgres.archive_contents import exported_tables
from entrypoints.in_and_out import FORMAT_NAMES
from service_layer.archive_file import FORMAT, VERSION
from tests.adapters.test_migrations import revisions
from tests.docs.console import run, steps_of
from tests.entrypoints.test_cli import no_settings
from tests.servers import Servers

__all__ = ["no_settings"]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/in_and_out.md"
BEAN_CHECK = Path(sys.executable).with_name("bean-check")


def numberless(outputs: list[str]) -> list[str]:
    """The same with numbers alike, whatever happened in the story; without spaces in front of them."""
    named = [re.sub(r"platform-[0-9a-f]+", "platform-<n>", each) for each in outputs]
    return [re.sub(r" *-?\d[\d.:-]*", " <n>", each) for each in named]


@pytest.mark.slow
@pytest.mark.skipif(
    (shutil.which("hledger") is None or not BEAN_CHECK.exists()) and os.environ.get("CI") != "true",
    reason="the session needs hledger and bean-check",
)
def test_the_books_leave_and_come_in_as_the_page_shows_it(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program = f"env PYTHONPATH={ROOT / 'src'} {sys.executable} -c 'from entrypoints.cli import main; main()'"
    steps = steps_of(PAGE)
    replaced = {
        f"postgresql://payments@{server}.example/payments": f"'{servers.new_database('postgres18')}'"
        for server in ("old", "new")
    }
    replaced |= {".venv/bin/payments": program, "bean-check": str(BEAN_CHECK)}
    outputs = run(steps, **replaced)
    shown = [step.output for step in steps]
    assert len(steps) > 8
    assert numberless(outputs) == numberless(shown)


def test_the_page_shows_the_lines_of_the_file_as_they_are() -> None:
    block = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]
    header, row, end = map(json.loads, block.splitlines())
    assert (header["format"], header["version"]) == (FORMAT, VERSION)
    assert header["schema"] in revisions()
    assert set(header) == {"format", "version", "schema", "exported_at"}
    assert row["table"] in {table.name for table in exported_tables()}
    assert set(end["end"]) == {"rows", "sha256"}


def test_the_page_names_every_format() -> None:
    text = PAGE.read_text()
    assert [name for name in FORMAT_NAMES if name not in text] == []
