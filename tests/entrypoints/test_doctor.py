"""`payments doctor` says what is wrong with an installation, what to do about it, and never a password."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from adapters.postgres import checkup
from adapters.postgres.checkup import check_database
from adapters.postgres.embedded import service_url
from adapters.postgres.engine import plain_engine
from entrypoints.cli import main
from entrypoints.config import Settings
from entrypoints.doctor import connections_needed
from entrypoints.redis_ping import ping
from service_layer.checkup import Check, Level
from tests.concurrency.rig import sql
from tests.servers import Servers
from tests.stage import a_stage, strike

SECRET = "tulip-sunday"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PAYMENTS_")]:
        monkeypatch.delenv(name)
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def owner_url(servers: Servers) -> str:
    return servers.new_ledger("postgres18")


def doctor(**environment: str) -> Result:
    return CliRunner().invoke(main, ["doctor"], env=environment)


def checks(url: str, *, needed: int = 10, ahead: timedelta = timedelta(0)) -> dict[str, Check]:
    def clock() -> datetime:
        return datetime.now(UTC) + ahead

    return {each.name: each for each in check_database(plain_engine(url), clock, needed)}


def levels(url: str, **how: object) -> dict[str, Level]:
    return {name: check.level for name, check in checks(url, **how).items()}  # type: ignore[arg-type]


def test_a_sound_installation_passes_with_a_line_for_each_check(owner_url: str) -> None:
    stage = a_stage("postgres18", owner_url, migrated=True)
    stage.a_wallet(100)
    assert sum(1 for _ in stage.container.sealer().seal_all()) == 1
    strike(stage)
    result = doctor(DATABASE_URL=service_url(owner_url))
    lines = [line.split(maxsplit=2) for line in result.output.splitlines()]
    found = {name: level for level, name, _ in lines}
    # The test servers do not wait for their disks.
    assert found.pop("durability") == "fail"
    assert found.pop("verification") == "warn"
    assert set(found.values()) == {"ok"}
    assert {
        "settings",
        "database",
        "version",
        "schema",
        "connections",
        "clock",
        "role",
        "seals",
    } == set(found)
    assert result.exit_code == 1


def test_a_database_that_does_not_answer_fails_without_a_word_of_its_password() -> None:
    result = doctor(DATABASE_URL=f"postgresql://me:{SECRET}@127.0.0.1:1/payments")
    assert result.exit_code == 1
    assert "fail  database" in result.output
    assert "DATABASE_URL" in result.output
    assert SECRET not in result.output


def test_a_misspelt_variable_is_told() -> None:
    result = doctor(PAYMENTS_MEMORY="true", PAYMENTS_WROKERS="3")
    assert "warn  settings      unknown: PAYMENTS_WROKERS" in result.output
    assert result.exit_code == 0


def test_webhooks_that_may_go_anywhere_are_warned_of() -> None:
    output = doctor(PAYMENTS_MEMORY="true", PAYMENTS_WEBHOOK_ALLOW_PRIVATE="true").output
    assert "warn  webhooks      PAYMENTS_WEBHOOK_ALLOW_PRIVATE is set" in output
    assert "webhooks" not in doctor(PAYMENTS_MEMORY="true").output


def test_a_schema_that_is_not_there_says_to_migrate(database_url: str) -> None:
    found = checks(database_url)
    assert (found["schema"].level, found["schema"].advice) == (Level.FAIL, "run payments migrate")
    assert "role" not in found


def test_an_owner_who_serves_is_warned_of(owner_url: str) -> None:
    role = checks(owner_url)["role"]
    assert (role.level, "owns" in role.said) == (Level.WARN, True)


def test_a_role_that_may_too_much_is_warned_of_and_too_little_is_a_failure(owner_url: str) -> None:
    url = service_url(owner_url)
    sql(owner_url, "GRANT DELETE ON posting TO payments_service")
    assert checks(url)["role"].level is Level.WARN
    sql(owner_url, "REVOKE INSERT ON hold FROM payments_service")
    found = checks(url)["role"]
    assert (found.level, found.said) == (Level.FAIL, "payments_service may not INSERT on hold")


def test_the_connections_of_the_worker_that_sends_webhooks_are_counted() -> None:
    alone = {"workers": 2, "readers": 8, "webhook_threads": 16}
    assert connections_needed(Settings(**alone, webhook_worker=False)) == 2 * (8 + 7) + 3
    assert connections_needed(Settings(**alone)) == 2 * (8 + 7) + 3 + (16 + 8)


def test_more_connections_than_the_server_has_are_a_failure(owner_url: str) -> None:
    assert levels(owner_url, needed=5)["connections"] is Level.OK
    assert levels(owner_url, needed=1000)["connections"] is Level.FAIL


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, Level.OK), (5, Level.WARN), (-5, Level.WARN), (60, Level.FAIL)]
)
def test_clocks_that_are_apart_are_told(owner_url: str, seconds: int, level: Level) -> None:
    assert levels(owner_url, ahead=timedelta(seconds=seconds))["clock"] is level


def test_books_that_did_not_add_up_are_a_failure(owner_url: str) -> None:
    record = (
        "INSERT INTO verification (started_at, duration_ms, quick, transactions, postings, wallets,"
        " sealed, findings) VALUES (now() - interval '%s days', 1, false, 1, 1, 1, 1, %s)"
    )
    found = []
    for days, findings in ((1, 0), (30, 0), (1, 2)):
        sql(owner_url, record, days, findings)
        found.append(levels(owner_url)["verification"])
    assert found == [Level.OK, Level.WARN, Level.FAIL]


def test_a_log_that_falls_behind_is_warned_of(owner_url: str) -> None:
    """The stage's clock stands at the beginning of the year, so that its payments are old."""
    stage = a_stage("postgres18", owner_url, migrated=True)
    stage.a_wallet(100)
    assert levels(owner_url)["seals"] is Level.WARN
    assert sum(1 for _ in stage.container.sealer().seal_all()) == 1
    assert levels(owner_url)["seals"] is Level.OK
    strike(stage)


@pytest.mark.parametrize(
    ("major", "level"), [(14, Level.FAIL), (15, Level.OK), (18, Level.OK), (19, Level.WARN)]
)
def test_versions_that_are_supported(major: int, level: Level) -> None:
    assert checkup._check_version(major, str(major)).level is level


@contextmanager
def a_redis(*answers: bytes) -> Iterator[int]:
    """Says these things, one for each command."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                for answer in answers:
                    connection.recv(1000)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def test_a_redis_that_answers_is_well() -> None:
    with a_redis(b"+PONG\r\n") as port:
        assert ping(f"redis://127.0.0.1:{port}/0") is None
    with a_redis(b"+OK\r\n", b"+PONG\r\n") as port:
        assert ping(f"redis://me:{SECRET}@127.0.0.1:{port}") is None


def test_a_redis_that_does_not_is_told_without_its_password() -> None:
    with a_redis(b"-WRONGPASS\r\n") as port:
        assert ping(f"redis://:{SECRET}@127.0.0.1:{port}") == "it refuses the user or the password"
    said = [ping(f"redis://:{SECRET}@127.0.0.1:1"), ping(f"http://{SECRET}"), ping("redis://[")]
    assert None not in said
    assert SECRET not in str(said)


def test_no_setting_shows_a_password() -> None:

    url = f"postgresql://me:{SECRET}@db/payments"
    assert SECRET not in repr(Settings(DATABASE_URL=url, migration_url=url))
    assert sa.make_url(url).password == SECRET
