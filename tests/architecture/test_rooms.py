"""Arrows point inward only: entrypoints, adapters, service layer, domain."""

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tests.architecture.source import FILES, ROOT, SRC, TESTS, imports_of, name_of, roots_of

ROOMS = {"domain", "service_layer", "adapters", "entrypoints"}
KNOWN = {
    "domain": {"domain"},
    "service_layer": {"domain", "service_layer"},
    "adapters": {"domain", "service_layer", "adapters"},
    "entrypoints": ROOMS,
}
CONTAINER = SRC / "entrypoints" / "container"


def room_of(file: Path) -> str:
    return file.relative_to(SRC).parts[0]


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_room_knows_only_what_lies_further_in(file: Path) -> None:
    assert roots_of(file) & ROOMS <= KNOWN[room_of(file)]


@pytest.mark.parametrize(
    "file", [file for file in FILES if room_of(file) == "entrypoints"], ids=name_of
)
def test_only_the_container_chooses_adapters(file: Path) -> None:
    assert ("adapters" in roots_of(file)) == (CONTAINER in file.parents)


def test_the_service_layer_uses_no_library() -> None:
    used = {root for file in FILES if room_of(file) == "service_layer" for root in roots_of(file)}
    assert used - set(sys.stdlib_module_names) <= {"domain", "service_layer"}


def test_the_import_contracts_of_setup_cfg_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    path = os.pathsep.join([str(SRC), os.environ.get("PYTHONPATH", "")])
    checked = subprocess.run(
        [linter, "--no-cache"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert " kept, 0 broken" in checked.stdout


@pytest.mark.parametrize("file", sorted([*FILES, *TESTS.rglob("*.py")]), ids=name_of)
def test_nobody_imports_through_src(file: Path) -> None:
    """It would load every class twice."""
    assert "src" not in roots_of(file)


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_nobody_imports_relatively(file: Path) -> None:
    assert not [name for name in imports_of(file) if name.startswith(".")]


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_the_service_does_not_need_its_tests(file: Path) -> None:
    assert roots_of(file) & {"tests", "benchmarks", "pytest", "hypothesis"} <= _allowed(file)


def _allowed(file: Path) -> set[str]:
    """The fixtures for other teams' tests are pytest's."""
    return {"pytest"} if file == SRC / "entrypoints" / "testing.py" else set()


@pytest.mark.parametrize("file", [SRC / "domain", *sorted(TESTS.glob("**/"))], ids=name_of)
def test_every_folder_of_code_is_a_package(file: Path) -> None:
    assert not list(file.glob("*.py")) or (file / "__init__.py").is_file()


def test_no_installed_library_takes_the_name_of_a_room() -> None:
    """A PyPI module called `entrypoints` exists: it would shadow ours."""
    owners = metadata.packages_distributions()
    taken = {room: set(owners.get(room, [])) - {"simple-payments"} for room in ROOMS}
    assert taken == {room: set() for room in ROOMS}
