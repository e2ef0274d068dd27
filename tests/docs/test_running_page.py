"""docs/running.md lists every setting as it is, and every command."""

import re
from pathlib import Path

from entrypoints.cli import main
from entrypoints.config import Settings

PAGE = (Path(__file__).parents[2] / "docs/running.md").read_text()
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$", re.MULTILINE)


def test_the_table_of_settings_says_what_the_settings_say() -> None:
    declared = [
        (
            str(field.validation_alias or f"PAYMENTS_{name.upper()}"),
            "" if field.default is None else str(field.default),
            field.description,
        )
        for name, field in Settings.model_fields.items()
    ]
    assert [(row[0], row[1].strip(), row[2]) for row in ROW.findall(PAGE)] == declared


def test_every_command_is_described() -> None:
    assert {name for name in main.commands if f"`payments {name}" not in PAGE} == set()
