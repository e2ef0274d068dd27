"""Whether the books still add up after the load."""

import subprocess
import sys

from benchmarks.processes import environment
from benchmarks.server import SERVE
from benchmarks.stage import Books


def verify(books: Books) -> tuple[bool, str]:
    """Run `payments verify`: whether all is well, and what it says."""
    result = subprocess.run(
        [sys.executable, "-c", SERVE, "verify"],
        env=environment(DATABASE_URL=books.url),
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode == 0, (result.stdout + result.stderr).strip()
