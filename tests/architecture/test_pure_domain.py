"""The domain is pure: the standard library alone, without a clock, chance or the outside world."""

import ast
import sys
from pathlib import Path

import pytest

from tests.architecture.source import SRC, imports_of, name_of, roots_of, tree_of

DOMAIN = sorted((SRC / "domain").glob("**/*.py"))

# Parts of the standard library that reach outside, or give another answer each time.
IMPURE_MODULES = {
    "asyncio",
    "concurrent",
    "ctypes",
    "getpass",
    "http",
    "importlib",
    "io",
    "locale",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "platform",
    "random",
    "secrets",
    "select",
    "shutil",
    "signal",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib",
}
IMPURE_NAMES = {
    "__import__",
    "eval",
    "exec",
    "fromtimestamp",
    "getenv",
    "getrandbits",
    "input",
    "now",
    "open",
    "print",
    "randint",
    "today",
    "utcnow",
    "uuid1",
    "uuid3",
    "uuid4",
    "uuid5",
}


def impure_calls(source: ast.AST) -> set[str]:
    """The impure functions that are called, whatever they are called on; or imported by name."""
    found: set[str] = set()
    for node in ast.walk(source):
        if isinstance(node, ast.Call):
            called = node.func
            found.add(called.attr if isinstance(called, ast.Attribute) else ast.unparse(called))
        elif isinstance(node, ast.ImportFrom):
            found |= {each.name for each in node.names}
    return found & IMPURE_NAMES


@pytest.mark.parametrize("file", DOMAIN, ids=name_of)
def test_the_domain_imports_the_standard_library_alone(file: Path) -> None:
    assert roots_of(file) <= set(sys.stdlib_module_names) | {"domain"}


@pytest.mark.parametrize("file", DOMAIN, ids=name_of)
def test_the_domain_imports_nothing_that_reaches_outside(file: Path) -> None:
    assert roots_of(file) & IMPURE_MODULES == set()


@pytest.mark.parametrize("file", DOMAIN, ids=name_of)
def test_the_domain_asks_neither_a_clock_nor_chance(file: Path) -> None:
    assert impure_calls(tree_of(file)) == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("datetime.now(UTC)", {"now"}),
        ("from uuid import uuid4", {"uuid4"}),
        ("open('x')", {"open"}),
        ("wallet.now = books.now", set()),
    ],
)
def test_this_test_would_see_it(source: str, found: set[str]) -> None:
    assert impure_calls(ast.parse(source)) == found


def test_there_is_a_domain_to_look_at() -> None:
    assert {"money.py", "post.py", "wallet.py"} <= {file.name for file in DOMAIN}
    assert "domain.wallet" in imports_of(SRC / "domain" / "post.py")
