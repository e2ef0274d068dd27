"""The version stands in one place for people and in another for programs; both say the same."""

from configparser import ConfigParser
from pathlib import Path

from entrypoints.http.openapi import VERSION


def test_the_openapi_document_has_the_version_of_the_package() -> None:
    setup = ConfigParser()
    setup.read(Path(__file__).parents[2] / "setup.cfg")
    assert setup["metadata"]["version"] == VERSION
