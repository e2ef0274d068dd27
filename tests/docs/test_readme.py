"""The README does what it says: its session is run, and its answers are compared."""

import os
import re
import shutil
from pathlib import Path

import pytest

from adapters.system import new_secret
from entrypoints.app import create_app
from entrypoints.config import Settings
from entrypoints.testing import serve_in_thread
from tests.docs.console import masked, run, secret_in, steps_of

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)[^)]*\)")


@pytest.mark.skipif(
    shutil.which("curl") is None and os.environ.get("CI") != "true",
    reason="the README's session needs curl",
)
def test_the_first_payment_of_the_readme_has_the_answers_that_it_shows() -> None:
    steps = steps_of(ROOT / "README.md")
    assert len(steps) > 10
    secret = new_secret()
    app = create_app(settings=Settings(memory=True, auth=True, admin_key=secret))
    with serve_in_thread(app) as url:
        outputs = run(steps, **{"http://127.0.0.1:8000": url, secret_in(steps): secret})
    assert masked(outputs) == masked([step.output for step in steps])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_is_empty(page: Path) -> None:
    assert len(page.read_text()) > 500


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_the_pages_leads_somewhere(page: Path) -> None:
    dead = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"(?:^|`|: )make ([a-z-]+)", page.read_text(), re.MULTILINE))
    assert {name for name in named if not re.search(rf"^{name}\b.*:", makefile, re.M)} == set()
