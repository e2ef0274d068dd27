"""The accounting programs that say whether an export is one of theirs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CI = os.environ.get("CI") == "true"


def bean_check(file: Path) -> str:
    """What Beancount has against a file; nothing when it is right."""
    beside_python = Path(sys.executable).with_name("bean-check")
    program = str(beside_python) if beside_python.exists() else shutil.which("bean-check")
    return _complaint("bean-check", program, "--no-cache", str(file))


def hledger_check(file: Path) -> str:
    """What hledger has against a file, strictly; nothing when it is right."""
    return _complaint("hledger", shutil.which("hledger"), "-f", str(file), "check", "--strict")


def _complaint(name: str, program: str | None, *arguments: str) -> str:
    if program is None:
        if CI:
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed")
    done = subprocess.run(
        [program, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
    )
    said = done.stdout + done.stderr
    assert bool(said.strip()) == (done.returncode != 0), said
    return said
