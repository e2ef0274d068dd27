"""What `make lint` lets pass of what the service is made of."""

import subprocess

import pytest

from tools import supply_chain


@pytest.mark.parametrize(
    ("name", "licence", "allowed"),
    [
        ("flask", "BSD-3-Clause", True),
        ("granian", "BSD License", True),
        ("orjson", "Apache-2.0 OR MIT", True),
        ("psycopg2-binary", "LGPL with exceptions", True),
        ("pygal", "LGPL-3.0", False),
        ("something", "GNU Lesser General Public License v3 (LGPLv3)", False),
        ("borb", "GNU Affero General Public License v3", False),
        ("something", "GPL-3.0-or-later", False),
        ("something", "UNKNOWN", False),
        ("something", "Proprietary", False),
    ],
)
def test_a_licence_is_allowed_or_it_is_not(name: str, licence: str, allowed: bool) -> None:
    assert supply_chain.is_allowed(name, licence) is allowed


@pytest.mark.parametrize(
    ("said", "required", "passes"),
    [
        ("ERROR: a: Dependency not found on PyPI and could not be audited", "", True),
        ("ERROR: a: Dependency not found on PyPI and could not be audited", "1", False),
        ("requests.exceptions.ConnectionError: no route", "", True),
        ("Found 1 known vulnerability in 1 package", "", False),
    ],
)
def test_what_could_not_be_looked_up_is_said_and_fails_where_it_must_be(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    said: str,
    required: str,
    passes: bool,
) -> None:
    answer = subprocess.CompletedProcess([], 1, stdout=said, stderr="")
    monkeypatch.setattr(supply_chain, "run", lambda *command: answer)
    monkeypatch.setenv(supply_chain.MUST_ASK, required)
    assert (supply_chain.check_advisories() is None) is passes
    assert ("NOT CHECKED" in capsys.readouterr().out) is passes


def test_the_lock_file_is_read_whole() -> None:
    assert {"flask", "psycopg2-binary"} < set(supply_chain.names_of(supply_chain.RUNTIME))
