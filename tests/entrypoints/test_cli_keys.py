"""`payments keys …` and the first key: the secret alone on stdout, once; mistakes in one sentence."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.system import new_id, new_secret, utc_now
from domain.api_key import hash_of, looks_random, prefix_of
from entrypoints.cli import main
from entrypoints.config import PREFIX
from entrypoints.first_key import NAME, make_first_key
from tests.entrypoints.test_cli import free_port
from tests.stage import Stage, a_stage, strike


def payments(*arguments: str, **environment: str | None) -> Result:
    return CliRunner().invoke(main, arguments, env=environment)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """None but a data directory that does not exist."""
    for name in ["DATABASE_URL", *(name for name in os.environ if name.startswith(PREFIX))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PAYMENTS_DATA_DIR", str(tmp_path / "data"))


def keys(stage: Stage, *arguments: str) -> Result:
    return payments("keys", *arguments, DATABASE_URL=stage.url)


def opens(stage: Stage, secret: str) -> bool:
    """Whether the secret opens something now, by the real clock."""
    container = stage.container
    key = container.api_key_queries().api_key_of(prefix_of(secret) or "")
    return key is not None and key.opens_for(hash_of(secret), utc_now())


def test_a_key_is_made_with_its_secret_alone_on_stdout(postgres_stage: Stage) -> None:
    result = keys(
        postgres_stage, "create", "--name", "Shop", "--scopes", "accounts:read,wallets:read"
    )
    assert (result.exit_code, result.stderr) == (0, "")
    secret = result.stdout.removesuffix("\n")
    assert looks_random(secret)
    assert opens(postgres_stage, secret)
    listed = keys(postgres_stage, "list").stdout
    assert "  active   accounts:read,wallets:read  Shop\n" in listed
    assert secret not in listed


def test_a_key_is_rotated_and_revoked(postgres_stage: Stage) -> None:
    first = keys(postgres_stage, "create", "--name", "x", "--scopes", "admin").stdout.strip()
    id = keys(postgres_stage, "list").stdout.split()[0]
    second = keys(postgres_stage, "rotate", id, "--overlap", "1h").stdout.strip()
    assert opens(postgres_stage, first)
    assert opens(postgres_stage, second)
    third = keys(postgres_stage, "rotate", id, "--overlap", "0s").stdout.strip()
    assert [opens(postgres_stage, each) for each in (first, second, third)] == [False, False, True]
    assert keys(postgres_stage, "revoke", id).exit_code == 0
    assert not opens(postgres_stage, third)
    again = keys(postgres_stage, "revoke", id)
    assert (again.exit_code, again.stderr) == (1, "Error: The key is revoked.\n")


def test_a_bound_key_that_expires_is_made(postgres_stage: Stage) -> None:
    postgres_stage.a_wallet()
    (account,) = postgres_stage.container.queries().accounts(reference=None, before=None, limit=2)
    result = keys(
        *(postgres_stage, "create", "--name", "app", "--scopes", "wallets:read"),
        *("--account", str(account.id), "--expires", "90d"),
    )
    assert result.exit_code == 0
    (key,) = postgres_stage.container.api_key_queries().api_keys(before=None, limit=2)
    assert key.account_id == account.id
    assert key.expires_at is not None
    assert (key.expires_at - key.created_at).days == 89


WRONG = {
    "an unknown scope": ("create", "--name", "x", "--scopes", "accounts:destroy"),
    "no scopes": ("create", "--name", "x", "--scopes", ","),
    "a blank name": ("create", "--name", " ", "--scopes", "admin"),
    "a bound admin": ("create", "--name", "x", "--scopes", "admin", "--account", str(new_id())),
    "a wrong end": ("create", "--name", "x", "--scopes", "admin", "--expires", "soon"),
    "an end without a zone": (
        "create",
        "--name",
        "x",
        "--scopes",
        "admin",
        "--expires",
        "2027-01-01",
    ),
    "a wrong id": ("revoke", "x"),
    "a wrong overlap": ("rotate", str(new_id()), "--overlap", "long"),
    "too long an overlap": ("rotate", str(new_id()), "--overlap", "91d"),
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_option_is_refused_before_anything_is_started(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    result = payments("keys", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there_is_said_in_one_sentence(postgres_stage: Stage) -> None:
    nobody = str(new_id())
    for arguments in (
        ("revoke", nobody),
        ("rotate", nobody),
        ("create", "--name", "x", "--scopes", "wallets:read", "--account", nobody),
    ):
        result = keys(postgres_stage, *arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        assert len(result.stderr.splitlines()) == 1


def test_without_data_there_are_no_keys() -> None:
    result = payments("keys", "list")
    assert (result.exit_code, result.stderr.startswith("Error: There is no data in")) == (1, True)


def test_a_generated_secret_is_one_that_the_setting_takes() -> None:
    secret = payments("keys", "generate").stdout.strip()
    assert looks_random(secret)


@pytest.mark.parametrize("value", ["hunter2", "pay_000000000000_" + "a" * 43])
def test_a_weak_admin_key_is_refused_and_not_repeated(value: str) -> None:
    result = payments("migrate", PAYMENTS_ADMIN_KEY=value)
    assert (result.exit_code, value in result.output) == (2, False)
    assert "PAYMENTS_ADMIN_KEY: must be a secret" in result.stderr


def test_the_first_key_is_made_once(stage: Stage) -> None:
    secret = make_first_key(stage.container, None)
    assert looks_random(secret or "")
    assert make_first_key(stage.container, None) is None
    (key,) = stage.container.api_key_queries().api_keys(before=None, limit=9)
    assert key.name == NAME


def test_of_processes_that_start_together_one_makes_the_first_key(
    postgres_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    rival = a_stage("postgres18", postgres_stage.url, migrated=True)
    rival.container.clock.override(postgres_stage.clock)
    queries = type(rival.container.api_key_queries())
    made = make_first_key(postgres_stage.container, None)
    monkeypatch.setattr(queries, "api_keys", lambda self, before, limit: [])  # as it was before
    assert make_first_key(rival.container, None) is None
    strike(rival)
    assert opens(postgres_stage, made or "")


def test_a_given_key_is_the_first_and_only_the_first(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    first, later = new_secret(), new_secret()
    assert make_first_key(stage.container, first) is None
    assert make_first_key(stage.container, first) is None
    assert capsys.readouterr().err == ""
    assert make_first_key(stage.container, later) is None
    assert "was not used" in capsys.readouterr().err
    queries = stage.container.api_key_queries()
    assert queries.api_key_of(prefix_of(first) or "") is not None
    assert queries.api_key_of(prefix_of(later) or "") is None


def test_without_keys_it_listens_on_loopback_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(
        "entrypoints.cli.run_server", lambda settings, address: started.append(address)
    )
    for flag, variable in (("--no-auth", None), ("", "false")):
        arguments = ["serve", "--port", free_port(), *filter(None, [flag])]
        refused = payments(*arguments, "--host", "0.0.0.0", PAYMENTS_AUTH=variable)  # noqa: S104
        assert refused.exit_code == 1
        assert "--no-auth is for loopback only" in refused.stderr
        allowed = payments(*arguments, "--host", "localhost", PAYMENTS_AUTH=variable)
        assert allowed.exit_code == 0
        assert "Nobody is asked for an API key" in allowed.stderr
    assert started == ["127.0.0.1"] * 2
