"""docs/statements.md does what it says: its session is run, and its answers are compared."""

import os
import shutil
from pathlib import Path

import pytest

from adapters.system import new_secret
from domain.period import FINAL_AFTER
from entrypoints.app import create_app
from entrypoints.config import Settings
from entrypoints.http.statement_pdf import PDF_LINES_MAX
from entrypoints.testing import serve_in_thread
from tests.docs.console import masked, run, secret_in, steps_of

PAGE = Path(__file__).parents[2] / "docs/statements.md"


@pytest.mark.skipif(
    shutil.which("curl") is None and os.environ.get("CI") != "true",
    reason="the session needs curl",
)
def test_looking_back_has_the_answers_that_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    steps = steps_of(PAGE)
    secret = new_secret()
    app = create_app(settings=Settings(memory=True, auth=True, admin_key=secret))
    with serve_in_thread(app) as url:
        outputs = run(steps, **{"http://127.0.0.1:8000": url, secret_in(steps): secret})
    assert masked(outputs) == masked([step.output for step in steps])
    assert (tmp_path / "statement.pdf").read_bytes().startswith(b"%PDF-")


def test_the_page_names_the_limits_as_they_are() -> None:
    text = PAGE.read_text()
    assert f"{int(FINAL_AFTER.total_seconds()) // 60} minutes" in text
    assert f"up to {PDF_LINES_MAX:,} lines" in text
