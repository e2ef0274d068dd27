"""Sessions in the documentation: commands after `$`, with the output that they really have."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

FENCED = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
SECONDS_MAX = 100
SECRET = re.compile(r"pay_[0-9a-f]{12}_[A-Za-z0-9_-]{43}")
MARK = "-- next command --"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command with the output that the page shows for it."""

    command: str
    output: str


def steps_of(page: Path) -> list[Step]:
    """Every step of every console block of a page, in order."""
    blocks = FENCED.findall(page.read_text())
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)]
    pairs = [part.partition("\n") for part in parts if part.strip()]
    return [Step(command=command, output=output.strip()) for command, _, output in pairs]


def run(steps: list[Step], **replaced: str) -> list[str]:
    """The outputs that the commands have in one bash session; `replaced` texts are put in first."""
    script = f"\necho '{MARK}'\n".join(step.command for step in steps)
    for old, new in replaced.items():
        script = script.replace(old, new)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )
    assert done.returncode == 0, done.stderr
    return [output.strip() for output in done.stdout.split(MARK)]


def secret_in(steps: list[Step]) -> str:
    """The API key that the page's session begins with."""
    found = SECRET.search(steps[0].command)
    assert found is not None
    return found.group()


def masked(outputs: list[str]) -> list[str]:
    """The same outputs with each id named by its first appearance, and times alike."""
    names: dict[str, str] = {}

    def name(match: re.Match[str]) -> str:
        return names.setdefault(match.group(), f"<id {len(names) + 1}>")

    return [TIME.sub("<time>", UUID.sub(name, output)) for output in outputs]
