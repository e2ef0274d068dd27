"""Every file says in one sentence what it is for."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import FILES, name_of, tree_of


def first_sentence(file: Path) -> str:
    docstring = " ".join((ast.get_docstring(tree_of(file)) or "").split())
    return re.split(r"(?<=[.!?])\s", docstring)[0]


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_says_what_it_is_for(file: Path) -> None:
    assert first_sentence(file).endswith((".", "!", "?"))


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_is_for_one_thing(file: Path) -> None:
    """Who needs an "and" to say it describes two files."""
    assert " and " not in first_sentence(file)


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_only_the_command_line_prints(file: Path) -> None:
    printing = [
        node
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
    ]
    assert file.name == "cli.py" or not printing
