"""The source code of the service, as trees to be looked at."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
TESTS = ROOT / "tests"
FILES = sorted(SRC.rglob("*.py"))


def name_of(file: Path) -> str:
    """How a file is called in a failing test."""
    return file.relative_to(ROOT).as_posix()


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


@cache
def imports_of(file: Path) -> frozenset[str]:
    """The dotted names of all modules that a file imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return frozenset(found)


def roots_of(file: Path) -> set[str]:
    """The top-level packages that a file imports; relative imports count as ''."""
    return {name.split(".")[0] for name in imports_of(file)}


def functions() -> list[tuple[str, int]]:
    """Every function with its length in lines, decorators left out."""
    return [
        (f"{name_of(file)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for file in FILES
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
