"""Where a worker's Python time goes under load, by py-spy."""

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TOP = 40
RATE_HZ = 400


@contextmanager
def profiled(pid: int, seconds: int, raw: Path) -> Iterator[None]:
    """Record who holds the interpreter's lock for so many seconds, while the block runs.

    RuntimeError when there is no py-spy; whoever may not trace the worker (ptrace) is told so by it.
    """
    command = [_py_spy(), "record", "--gil", "--function", "--format", "raw"]
    shape = ["--rate", str(RATE_HZ), "--duration", str(seconds), "--pid", str(pid)]
    with subprocess.Popen(
        [*command, *shape, "--output", str(raw)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as recorder:
        yield
        _, errors = recorder.communicate()
    if recorder.returncode:
        raise RuntimeError(f"py-spy failed: {errors}")


def summary(raw: Path) -> str:
    """Functions by their own time, then by their time with what they call, as shares of all samples."""
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for line in raw.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        own[frames[-1]] += int(count)
        whole.update(dict.fromkeys(frames, int(count)))
    samples = own.total()
    parts = [f"{samples} samples", _listed("own time", own, samples)]
    return "\n\n".join([*parts, _listed("with what they call", whole, samples)]) + "\n"


def _listed(title: str, counts: Counter[str], samples: int) -> str:
    lines = [f"{100 * count / samples:6.1f} %  {name}" for name, count in counts.most_common(TOP)]
    return "\n".join([title, *lines])


def _py_spy() -> str:
    beside = shutil.which("py-spy", path=str(Path(sys.executable).parent))
    found = beside or shutil.which("py-spy")
    if found is None:
        raise RuntimeError("py-spy is missing: install it beside this Python to profile")
    return found
