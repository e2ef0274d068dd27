"""What the container files promise."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from entrypoints.config import Settings
from entrypoints.keeper import END_SECONDS_MAX

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)["services"]
    return found


def test_only_the_service_is_published_and_only_on_loopback(services: dict[str, Any]) -> None:
    published = {name: spec["ports"] for name, spec in services.items() if "ports" in spec}
    assert list(published) == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in published["web"])


def test_the_service_waits_for_the_migrations_which_wait_for_the_database(
    services: dict[str, Any],
) -> None:
    web, migrate = services["web"]["depends_on"], services["migrate"]["depends_on"]
    assert web["migrate"]["condition"] == "service_completed_successfully"
    assert migrate["db"]["condition"] == "service_healthy"


def test_the_database_volume_is_where_the_image_keeps_its_data(services: dict[str, Any]) -> None:
    assert services["db"]["image"] == "postgres:18"
    assert services["db"]["volumes"] == ["db:/var/lib/postgresql"]


def test_redis_keeps_nothing_and_is_bounded(services: dict[str, Any]) -> None:
    command = " ".join(services["redis"]["command"])
    assert "--save  --appendonly no" in command
    assert "--maxmemory-policy allkeys-lru" in command
    assert services["redis"]["read_only"] is True
    assert "redis" not in services["web"]["depends_on"], "the service goes on without it"


def test_every_setting_of_compose_has_a_default_and_an_example() -> None:
    settings = set(re.findall(r"(?<!\$)\$\{(\w+)([^}]*)\}", COMPOSE_TEXT))
    example = dict(
        line.split("=", 1)
        for line in (ROOT / ".env.example").read_text().splitlines()
        if "=" in line and not line.startswith("#")
    )
    assert settings == {(name, f":-{value}") for name, value in example.items()}


def test_the_image_serves_as_an_unprivileged_user() -> None:
    last_stage = (ROOT / "Dockerfile").read_text().rsplit("\nFROM ", 1)[1]
    assert re.findall(r"^USER (\w+)$", last_stage, re.MULTILINE) == ["payments"]
    assert "HEALTHCHECK" in last_stage


@pytest.mark.parametrize("secret", [".env", ".git", ".venv"])
def test_the_image_is_not_sent_secrets_or_history(secret: str) -> None:
    assert secret in (ROOT / ".dockerignore").read_text().splitlines()


@pytest.mark.parametrize("name", ["web", "migrate"])
def test_what_runs_our_code_can_change_nothing_of_itself(
    services: dict[str, Any], name: str
) -> None:
    spec = services[name]
    assert spec["read_only"] is True
    assert spec["cap_drop"] == ["ALL"]
    assert spec["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in spec


def test_the_service_is_not_told_the_password_of_the_owner(services: dict[str, Any]) -> None:
    served, owned = services["web"]["environment"], services["migrate"]["environment"]
    assert served["DATABASE_URL"] == owned["DATABASE_URL"] != owned["PAYMENTS_MIGRATION_URL"]
    assert "payments_service" in served["DATABASE_URL"]
    assert "PAYMENTS_MIGRATION_URL" not in served


def test_the_grace_period_is_longer_than_a_stop_takes(services: dict[str, Any]) -> None:
    fields = Settings.model_fields
    stop_seconds = fields["unready_seconds"].default + fields["drain_seconds"].default
    stop_seconds += END_SECONDS_MAX  # of the worker that sends webhooks
    assert int(services["web"]["stop_grace_period"].removesuffix("s")) > stop_seconds
