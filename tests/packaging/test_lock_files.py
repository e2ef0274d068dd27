"""What the lock files promise."""

import configparser
import re
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.lock", "requirements-runtime.lock", "requirements-build.lock"]
OUR_PACKAGES = ["domain", "service_layer", "adapters", "entrypoints"]


def pins(lock: str) -> dict[str, str]:
    """Name to the pinned requirement with its hashes, one text each."""
    lines = [line for line in (ROOT / lock).read_text().splitlines() if "#" not in line]
    blocks = re.split(r"\n(?=\S)", "\n".join(lines))
    return {canonicalize_name(block.split("==")[0]): block for block in blocks if block}


def wanted(section: str, option: str) -> list[Requirement]:
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    lines = [line.strip() for line in config[section][option].splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_an_exact_version_with_hashes(lock: str) -> None:
    for name, block in pins(lock).items():
        assert re.match(r"[A-Za-z0-9._-]+==\S+ ", block), name
        assert "--hash=sha256:" in block, name


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_where_packages_come_from(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "--index" not in text


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-runtime.lock"])
def test_locks_pin_all_that_the_service_needs_within_its_bounds(lock: str) -> None:
    pinned = pins(lock)
    for need in wanted("options", "install_requires"):
        block = pinned[canonicalize_name(need.name)]
        version = block.split("==")[1].split()[0]
        assert need.specifier.contains(version), f"{need} is pinned at {version}: run `make lock`"


@pytest.mark.parametrize("extra", ["test", "dev", "build"])
def test_the_full_lock_pins_the_extras(extra: str) -> None:
    pinned = pins("requirements.lock")
    names = {canonicalize_name(need.name) for need in wanted("options.extras_require", extra)}
    assert names - {"simple-payments"} <= pinned.keys()


@pytest.mark.parametrize("lock", ["requirements-runtime.lock", "requirements-build.lock"])
def test_the_smaller_locks_pin_what_the_full_lock_pins(lock: str) -> None:
    assert pins(lock).items() <= pins("requirements.lock").items()


@pytest.mark.parametrize("package", OUR_PACKAGES)
def test_no_installed_distribution_shadows_our_packages(package: str) -> None:
    owners = {canonicalize_name(name) for name in packages_distributions().get(package, [])}
    assert owners <= {"simple-payments"}
