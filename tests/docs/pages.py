"""What is in the pages of the documentation."""

import re
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


def blocks_of(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language, also those inside of lists."""
    fenced = rf"^( *)```{language}\n(.*?)^\1```$"
    found = re.findall(fenced, page.read_text(), re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(text) for _, text in found]
