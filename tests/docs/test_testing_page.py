"""The tests that docs/testing.md shows to other teams run as they stand there."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_examples_of_the_testing_page_pass(tmp_path: Path) -> None:
    examples = re.findall(
        r"^```python\n(.*?)^```$", (ROOT / "docs/testing.md").read_text(), re.M | re.S
    )
    conftest, *tests = examples
    (tmp_path / "conftest.py").write_text(conftest)
    (tmp_path / "test_examples.py").write_text("\n".join(tests))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert "4 passed" in done.stdout, done.stdout + done.stderr
