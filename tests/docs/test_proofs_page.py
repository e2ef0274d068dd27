"""docs/proofs.md does what it says: its session is run, and its answers are compared."""

import re
import shutil
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from adapters.system import new_secret
from domain.transaction import Posting, Transaction
from entrypoints.app import create_app
from entrypoints.config import Settings
from entrypoints.seal_loop import seal_in_thread
from entrypoints.testing import serve_in_thread
from tests.docs.console import masked, run, secret_in, steps_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/proofs.md"
HASH = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{32})\b")


@pytest.mark.skipif(shutil.which("curl") is None, reason="the session needs curl")
def test_a_payment_is_proven_as_the_page_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    secret = new_secret()
    app = create_app(settings=Settings(memory=True, auth=True, admin_key=secret))
    seal_in_thread(app.extensions["payments"].sealer(), 0.1)
    program = f"env PYTHONPATH={ROOT / 'src'} {sys.executable} -c 'from entrypoints.cli import main; main()'"
    steps = steps_of(PAGE)
    with serve_in_thread(app) as url:
        replaced = {
            "http://127.0.0.1:8000": url,
            secret_in(steps): secret,
            ".venv/bin/payments": program,
            "sleep 1": "sleep 0.1",
        }
        outputs = run(steps, **replaced)
    shown = [
        [HASH.sub("<hash>", each) for each in masked(them)]
        for them in (outputs, [step.output for step in steps])
    ]
    assert shown[0] == shown[1]


def test_the_page_names_every_member_of_the_canonical_form() -> None:
    rows = "".join(re.findall(r"^\| `.*$", PAGE.read_text(), re.MULTILINE))
    members = {"v"} | {each.name for kind in (Transaction, Posting) for each in fields(kind)}
    assert {member for member in members if f"`{member}`" not in rows} == set()
