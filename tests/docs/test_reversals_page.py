"""docs/reversals.md does what it says: its session is run, its example is reckoned, its table is complete."""

import re
import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from adapters.system import new_secret
from domain.reversal import in_proportion
from entrypoints.app import create_app
from entrypoints.config import Settings
from entrypoints.http.reversals import CREATE
from entrypoints.testing import serve_in_thread
from tests.docs.console import masked, run, secret_in, steps_of

PAGE = Path(__file__).parents[2] / "docs/reversals.md"
SHARE = re.compile(r"^\| \w+ \| (\d+) \| ([\d.]+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
CODE = re.compile(r"^\| `([a-z-]+)` \|", re.MULTILINE)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the session needs curl")
def test_an_order_is_taken_back_as_the_page_shows_it() -> None:
    steps = steps_of(PAGE)
    assert len(steps) > 10
    secret = new_secret()
    app = create_app(settings=Settings(memory=True, auth=True, admin_key=secret))
    with serve_in_thread(app) as url:
        outputs = run(steps, **{"http://127.0.0.1:8000": url, secret_in(steps): secret})
    assert masked(outputs) == masked([step.output for step in steps])


def test_the_example_is_what_the_rules_say() -> None:
    rows = SHARE.findall(PAGE.read_text())
    paid = [int(row[0]) for row in rows]
    assert sum(paid) == 1000
    assert [Fraction(row[1]) for row in rows] == [Fraction(333 * each, 1000) for each in paid]
    gives = [int(row[2]) for row in rows]
    assert gives == in_proportion(333, paid)
    assert [int(row[3]) for row in rows] == [
        each - part for each, part in zip(paid, gives, strict=True)
    ]


def test_the_page_names_every_refusal() -> None:
    assert sorted(CODE.findall(PAGE.read_text())) == sorted(each.code for each in CREATE.errors)
