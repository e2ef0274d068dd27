"""docs/deploying.md: its SQL makes a role that serves; its numbers are those of the code."""

import re

import pytest
from click.testing import CliRunner

from adapters.postgres.engine import plain_engine
from adapters.postgres.migrate import ATTEMPTS_MAX, PATIENCE
from adapters.postgres.service_role import differences
from entrypoints.cli import main
from entrypoints.keeper import END_SECONDS_MAX, LASTING_SECONDS, PAUSE_SECONDS_MAX
from tests.concurrency.rig import as_superuser, sql
from tests.docs.pages import ROOT, blocks_of
from tests.servers import Servers

PAGE = ROOT / "docs" / "deploying.md"
TEXT = PAGE.read_text()
ROLE = "payments_of_a_page"


@pytest.fixture
def owner_url(servers: Servers) -> str:
    return servers.new_database("postgres18")


def test_a_role_that_was_made_by_hand_is_given_what_it_needs_and_no_more(owner_url: str) -> None:
    (statement,) = blocks_of(PAGE, "sql")
    superuser = as_superuser(owner_url)
    sql(superuser, statement.replace("payments_service", ROLE).replace("…", "tulip-sunday"))
    try:
        environment = {"DATABASE_URL": owner_url, "PAYMENTS_SERVICE_ROLE": ROLE}
        migrated = CliRunner().invoke(main, ["migrate"], env=environment)
        assert migrated.exit_code == 0, migrated.output
        with plain_engine(superuser).connect() as connection:
            assert differences(connection, ROLE) == []
    finally:
        sql(superuser, f"DROP OWNED BY {ROLE}")
        sql(superuser, f"DROP ROLE {ROLE}")


def test_its_numbers_are_those_of_the_code() -> None:
    text = " ".join(TEXT.split())
    assert f"up to {PAUSE_SECONDS_MAX:g} s while they do not last a minute" in text
    assert (LASTING_SECONDS, PATIENCE) == (60, "SET lock_timeout = '1s'")
    assert f"on their way, in {END_SECONDS_MAX:g} s at most" in text
    assert f"try again, {ATTEMPTS_MAX} times" in text
    assert re.search(r"`lock_timeout` of 1 s", text)
