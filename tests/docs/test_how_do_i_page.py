"""docs/how_do_i.md: every recipe is run, one after another, as its reader would paste them."""

import re
from pathlib import Path
from typing import Any

import pytest

from adapters.system import new_secret
from entrypoints.app import create_app
from entrypoints.config import Settings
from entrypoints.testing import serve_in_thread

PAGE = Path(__file__).parents[2] / "docs/how_do_i.md"
RECIPES = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def test_every_recipe_does_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(RECIPES) == PAGE.read_text().count("\n## ") + 1
    secret = new_secret()
    app = create_app(settings=Settings(memory=True, auth=True, admin_key=secret))
    container = app.extensions["payments"]
    pasted: dict[str, Any] = {}
    with serve_in_thread(app) as url:
        monkeypatch.setenv("PAYMENTS_URL", url)
        monkeypatch.setenv("PAYMENTS_KEY", secret)
        for recipe in RECIPES:
            list(container.sealer().seal_all())  # what the service does every ten seconds
            exec(compile(recipe, str(PAGE), "exec"), pasted)  # noqa: S102 - our own page
    assert container.auditor().verify().findings == ()
