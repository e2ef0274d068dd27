"""docs/exchange.md does what it says: its rates are read, its session is run, its answers are compared."""

import re
import shutil
from pathlib import Path

import pytest

from adapters.system import new_secret
from entrypoints.app import create_app
from entrypoints.config import Settings
from entrypoints.testing import serve_in_thread
from tests.docs.console import masked, run, secret_in, steps_of

PAGE = Path(__file__).parents[2] / "docs/exchange.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="the session needs curl")
def test_a_conversion_has_the_answers_that_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (rates,) = re.findall(r"^```json\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    file = tmp_path / "rates.json"
    file.write_text(rates)
    steps = steps_of(PAGE)
    assert len(steps) > 10
    secret = new_secret()
    app = create_app(
        settings=Settings(
            memory=True, currencies="USD,EUR,JPY", rates_file=file, auth=True, admin_key=secret
        )
    )
    with serve_in_thread(app) as url:
        outputs = run(steps, **{"http://127.0.0.1:8000": url, secret_in(steps): secret})
    assert masked(outputs) == masked([step.output for step in steps])
