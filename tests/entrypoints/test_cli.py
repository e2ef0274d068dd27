"""The command line says in one sentence what an operator can mend, with an exit code that scripts can use."""

import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from adapters.postgres.engine import plain_engine
from entrypoints.cli import main
from entrypoints.config import PREFIX, PREFIX_OF_TESTS
from tests.builders import place_hold
from tests.stage import a_stage, strike

SECRET = "tulip-sunday"
EVERYWHERE = "0.0.0.0"  # noqa: S104


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def payments(*arguments: str, **environment: str | None) -> Result:
    return CliRunner().invoke(main, arguments, env=environment)


def damage(url: str) -> None:
    """Pay something, then make the wallet's row say otherwise."""
    stage = a_stage("postgres18", url, currencies="USD")
    stage.a_wallet(100)
    strike(stage)
    with plain_engine(url).begin() as connection:
        connection.execute(sa.text("UPDATE wallet SET balance = 7 WHERE account_id IS NOT NULL"))


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """None but a data directory that does not exist."""
    ours = [name for name in os.environ if name.startswith(PREFIX)]
    for name in ["DATABASE_URL", *ours]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PAYMENTS_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        yield busy.getsockname()[1]


def test_help_lists_every_command() -> None:
    result = payments("--help")
    assert result.exit_code == 0
    assert [name for name in main.commands if f"  {name} " not in result.output] == []


def test_the_version_is_said() -> None:
    result = payments("--version")
    assert (result.exit_code, "version" in result.output) == (0, True)


@pytest.mark.parametrize("memory", [(), ("--memory",)])
def test_a_port_in_use_is_said_before_anything_is_started(
    busy_port: int, tmp_path: Path, memory: tuple[str, ...]
) -> None:
    result = payments("serve", "--port", str(busy_port), *memory)
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: Cannot listen on port {busy_port} of 127.0.0.1 (address already in use):"
        " choose others with --host and --port.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_rates_file_that_cannot_be_used_is_told_before_anything_is_served(tmp_path: Path) -> None:
    rates = tmp_path / "rates.json"
    rates.write_text('{"rates": []}')
    result = payments("serve", "--memory", "--port", free_port(), PAYMENTS_RATES_FILE=str(rates))
    said = '"rates" must be a list of 1 to 10000 rates.'
    told = f"Error: The rates file {rates} cannot be used. {said}\n"
    assert result.exit_code == 1
    assert result.stderr.endswith(told)


@pytest.mark.parametrize("host", ["nope.invalid", "192.0.2.1", ".x", " "])
def test_a_host_that_is_not_here_is_refused_in_one_sentence(host: str, tmp_path: Path) -> None:
    result = payments("serve", "--host", host)
    assert result.exit_code == (2 if host == " " else 1)
    assert len(result.stderr.splitlines()) == 1
    assert "--host" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", EVERYWHERE])
def test_with_api_keys_it_listens_wherever_it_is_told_to(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrypoints.cli.run_server", lambda settings, address: None)
    result = payments("serve", "--host", host, "--port", free_port())
    assert (result.exit_code, result.stderr) == (0, "")


def test_memory_is_refused_with_more_than_one_worker() -> None:
    result = payments("serve", "--memory", "--workers", "2", "--port", free_port())
    assert result.exit_code == 1
    assert "use --workers 1" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--port", "0"), "PAYMENTS_PORT (--port): must be greater than or equal to 1."),
        (("--port", "65536"), "PAYMENTS_PORT (--port): must be less than or equal to 65535."),
        (("--workers", "0"), "PAYMENTS_WORKERS (--workers): must be greater than or equal to 1."),
        (("--host", ""), "PAYMENTS_HOST (--host): must not be empty."),
    ],
)
def test_an_option_beyond_its_limits_is_refused(arguments: tuple[str, ...], said: str) -> None:
    result = payments("serve", *arguments)
    assert (result.exit_code, result.stderr) == (2, said + "\n")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PAYMENTS_HOST", "", "PAYMENTS_HOST: must not be empty."),
        ("PAYMENTS_THREADS", "0", "PAYMENTS_THREADS: must be greater than or equal to 1."),
        ("PAYMENTS_MEMORY", "maybe", "PAYMENTS_MEMORY: must be a valid boolean"),
        ("PAYMENTS_CURRENCIES", "USD,XYZ", "PAYMENTS_CURRENCIES: 'XYZ' is not an ISO 4217"),
        ("PAYMENTS_CACHE", "redis", "PAYMENTS_CACHE=redis needs REDIS_URL."),
    ],
)
def test_a_wrong_variable_is_named(variable: str, value: str, said: str) -> None:
    result = payments("migrate", **{variable: value})
    assert result.exit_code == 2
    assert result.stderr.startswith(said)
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "value",
    [
        "",
        "foo",
        SECRET,
        "postgresql",
        "postgresql:payments",
        "sqlite://",
        f"mysql://payments:{SECRET}@localhost/payments",
        f"postgresql+psycopg://payments:{SECRET}@localhost/payments",
        f"postgresql://payments:{SECRET}@localhost:port/payments",
        f"postgresql://payments:{SECRET}@localhost:65536/payments",
        f"postgresql://payments:{SECRET}@localhost:0/payments",
        f"postgresql://payments:{SECRET}/x@localhost/payments",
        f"postgresql://payments:{SECRET}@[localhost/payments",
        f"postgresql://payments:{SECRET}@localhost/payments\n",
    ],
)
def test_a_wrong_database_url_is_refused_without_being_shown(value: str) -> None:
    result = payments("verify", DATABASE_URL=value)
    assert result.exit_code == 2
    assert result.stderr.startswith("DATABASE_URL: must ")
    assert len(result.stderr.splitlines()) == 1
    assert SECRET not in result.stderr


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_a_database_that_cannot_be_reached_is_said_in_one_line(scheme: str) -> None:
    result = payments("verify", DATABASE_URL=f"{scheme}://me@/payments?host=/nonexistent")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The database says: connection to server on socket")
    assert len(result.stderr.splitlines()) == 1


def test_a_variable_that_is_no_setting_is_warned_of() -> None:
    environment = {f"{PREFIX}TYPO": "1", f"{PREFIX_OF_TESTS}ANYTHING": "1"}
    result = payments("verify", **environment)
    assert "WARNING: PAYMENTS_TYPO is not a setting and is ignored.\n" in result.stderr
    assert result.stderr.count("WARNING") == 1


@pytest.mark.parametrize("command", ["verify", "rebuild-balances"])
@pytest.mark.parametrize("made", [False, True])
def test_looking_at_data_that_is_not_there_makes_none(
    command: str, made: bool, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    if made:
        folder.mkdir()
    result = payments(command)
    assert (result.exit_code, result.stderr) == (1, f"Error: There is no data in {folder}.\n")
    assert [*tmp_path.rglob("*")] == ([folder] if made else [])


@pytest.mark.parametrize("command", ["verify", "rebuild-balances"])
def test_books_in_memory_cannot_be_looked_at_from_outside(command: str) -> None:
    result = payments(command, PAYMENTS_MEMORY="true")
    assert result.exit_code == 1
    assert "PAYMENTS_MEMORY is set" in result.stderr


@pytest.mark.parametrize("command", ["verify", "rebuild-balances"])
def test_a_database_without_the_schema_is_said_to_be_so(command: str, database_url: str) -> None:
    result = payments(command, DATABASE_URL=database_url)
    said = "Error: The database's schema is not current: run payments migrate.\n"
    assert (result.exit_code, result.stderr) == (1, said)


def test_migrating_twice_is_migrating_once(database_url: str) -> None:
    for _ in range(2):
        result = payments("migrate", DATABASE_URL=database_url)
        assert (result.exit_code, result.stdout) == (0, "The database is current.\n")


def test_verify_tells_books_that_add_up_from_damaged_ones(database_url: str) -> None:
    payments("migrate", DATABASE_URL=database_url)
    sound = payments("verify", DATABASE_URL=database_url)
    damage(database_url)
    damaged = payments("verify", DATABASE_URL=database_url)
    assert (sound.exit_code, damaged.exit_code) == (0, 1)
    assert sound.stdout.endswith("everything adds up.\n")
    assert damaged.stdout.endswith("1 finding(s), THE BOOKS DO NOT ADD UP.\n")


def test_sweep_holds_says_how_many_it_has_swept(database_url: str) -> None:
    payments("migrate", DATABASE_URL=database_url)
    stage = a_stage("postgres18", database_url, currencies="USD")
    stage.execute(place_hold(stage.a_wallet(5), 5, expires_at=stage.clock.now + timedelta(days=1)))
    strike(stage)
    said = [payments("sweep-holds", DATABASE_URL=database_url).stdout for _ in range(2)]
    assert said == ["1 expired hold(s) swept.\n", "0 expired hold(s) swept.\n"]
    assert payments("verify", DATABASE_URL=database_url).exit_code == 0


def test_rebuild_balances_says_how_many_it_has_repaired(database_url: str) -> None:
    payments("migrate", DATABASE_URL=database_url)
    damage(database_url)
    said = [payments("rebuild-balances", DATABASE_URL=database_url).stdout for _ in range(2)]
    assert said == ["1 wallet(s) repaired.\n", "0 wallet(s) repaired.\n"]
    assert payments("verify", DATABASE_URL=database_url).exit_code == 0
