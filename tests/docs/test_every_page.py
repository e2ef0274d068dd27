"""What any page names is there: settings, commands with their options, files, headings."""

import re
from pathlib import Path

import click
import pytest

from entrypoints.cli import main
from entrypoints.config import Settings
from entrypoints.setting_names import variables
from tests.docs.pages import PAGES, ROOT, blocks_of

NAMES = {*variables().values()}
# Not of the service: of `make lint`, of compose, of a client in the examples.
OTHERS = {"PAYMENTS_AUDIT_REQUIRED", "PAYMENTS_SERVICE_PASSWORD", "PAYMENTS_URL", "PAYMENTS_KEY"}
GIVEN = re.compile(r"\b((?:PAYMENTS_|REDIS_URL|DATABASE_URL)[A-Z_]*)=([^\s`|]+)")
COMMAND = re.compile(
    r"(?:`|^(?:[A-Z_]+=\S+ )?|\bbin/)payments ([a-z-]+)((?: +[^\s`|#\\]+)*)", re.MULTILINE
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@each_page
def test_every_setting_it_names_exists(page: Path) -> None:
    named = set(re.findall(r"PAYMENTS_[A-Z_]+[A-Z]", page.read_text()))
    assert named - NAMES - OTHERS == set()


@each_page
def test_every_value_it_gives_to_a_setting_can_be_given(page: Path) -> None:
    fields = {variable: name for name, variable in variables().items()}
    for variable, value in GIVEN.findall(page.read_text()):
        if variable in fields and not re.search(r"[$…]", value):
            Settings.model_validate({fields[variable]: value, **needed(variable, value)})


def needed(variable: str, value: str) -> dict[str, str]:
    """What goes with it."""
    return (
        {"redis_url": "redis://localhost"}
        if (variable, value) == ("PAYMENTS_CACHE", "redis")
        else {}
    )


def commands(page: Path) -> list[tuple[str, str]]:
    """In a line of text, or in a block of a shell; each with what follows."""
    shells = "".join(blocks_of(page, "sh") + blocks_of(page, "console"))
    inline = "\n".join(f"`{text}`" for text in re.findall(r"`([^`\n]+)`", page.read_text()))
    return [*COMMAND.findall(shells), *COMMAND.findall(inline)]


def test_there_are_commands_to_look_at() -> None:
    assert sum(len(commands(page)) for page in PAGES) > 60


@each_page
def test_every_command_it_names_takes_the_options_it_names(page: Path) -> None:
    for name, rest in commands(page):
        command: click.Command = main.commands[name]
        words = rest.split()
        if isinstance(command, click.Group) and words and words[0] in command.commands:
            command = command.commands[words[0]]
        known = {option for each in command.params for option in each.opts} | {"--help"}
        named = {
            word.strip("[]").partition("=")[0] for word in words if word.strip("[").startswith("--")
        }
        assert named <= known, f"payments {name}{rest}"


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^a-z0-9_ -]", "", each.lower()).replace(" ", "-") for each in headings}


def test_every_page_is_named_in_the_readme() -> None:
    named = set(LINK.findall((ROOT / "README.md").read_text()))
    assert {f"docs/{page.name}" for page in PAGES[1:]} - named == set()
