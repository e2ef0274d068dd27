"""The settings of the service: one typed class, read from the environment."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import iso4217
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.api_key import looks_random
from domain.money import Currency

PREFIX = "PAYMENTS_"
ADMIN_KEY = f"{PREFIX}ADMIN_KEY"
PREFIX_OF_TESTS = "PAYMENTS_TEST_"
DATABASE_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg2")


class Settings(BaseSettings):
    """Every setting, with its environment variable, its default and its limits."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, hide_input_in_errors=True, populate_by_name=True, extra="forbid"
    )

    database_url: str | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="postgresql://…; unset: an embedded PostgreSQL under the data directory",
    )
    data_dir: Path | None = Field(
        default=None, description="of the embedded PostgreSQL; unset: the user's data directory"
    )
    host: str = Field(default="127.0.0.1", description="the address to listen on")
    port: int = Field(default=8000, ge=1, le=65535, description="the port to listen on")
    workers: int = Field(default=2, ge=1, le=64, description="processes that serve HTTP")
    threads: int = Field(
        default=64, ge=1, le=1024, description="requests that one worker works on at once"
    )
    body_seconds: float = Field(
        default=20, ge=1, le=600, description="how long the body of a request may take to arrive"
    )
    readers: int = Field(
        default=8, ge=1, le=64, description="database connections of one worker for reading"
    )
    memory: bool = Field(default=False, description="keep everything in memory, lose it at the end")
    seal_seconds: int = Field(
        default=10,
        ge=0,
        le=86_400,
        description="between two sealings while serving; 0: only `payments seal` seals",
    )
    auth: bool = Field(
        default=True, description="ask for API keys; false, as --no-auth, only on loopback"
    )
    admin_key: str | None = Field(
        default=None,
        repr=False,
        description="the first admin key's secret, for a database without any keys",
    )
    event_seconds: float = Field(
        default=1.0,
        ge=0.05,
        le=3600,
        description="between two looks for new events; a worker numbers them, then sends webhooks",
    )
    webhook_worker: bool = Field(
        default=True,
        description="while serving, number events and send webhooks; false: only `payments worker` does",
    )
    webhook_threads: int = Field(
        default=16, ge=1, le=256, description="webhooks that one worker sends at once"
    )
    webhook_allow_private: bool = Field(
        default=False,
        description="allow http, any port, private and loopback hosts for webhooks: for development",
    )
    currencies: str = Field(
        default="USD", description="ISO 4217 codes that new wallets may have, comma-separated"
    )
    rates_file: Path | None = Field(
        default=None,
        description="exchange rates as JSON, read again when it changes; unset: no exchange",
    )
    quote_seconds: int = Field(
        default=60, ge=1, le=86_400, description="how long a quote for an exchange is valid"
    )

    log_format: Literal["json", "text"] | None = Field(
        default=None, description="json or text; unset: text on a terminal, else json"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="requests are logged at info"
    )
    metrics_open: bool = Field(
        default=False, description="let everybody read /metrics, from other machines too"
    )
    metrics_dir: Path | None = Field(
        default=None,
        description="where workers share their metrics; unset: a temporary directory of the server",
    )

    otlp_endpoint: str | None = Field(
        default=None,
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        description="where traces go; unset: there are none (needs the extra `tracing`)",
    )

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, value: str | None) -> str | None:
        if value is not None:
            _check_database_url(value)
        return value

    @field_validator("host")
    @classmethod
    def _some_host(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must not be empty")
        return value

    @field_validator("admin_key")
    @classmethod
    def _random_admin_key(cls, value: str | None) -> str | None:
        if value and not looks_random(value):
            raise ValueError("must be a secret such as `payments keys generate` prints")
        return value or None

    @field_validator("currencies")
    @classmethod
    def _known_currencies(cls, value: str) -> str:
        for code in _codes(value):
            _currency(code)
        if not _codes(value):
            raise ValueError("at least one currency is needed")
        return value

    def enabled_currencies(self) -> tuple[Currency, ...]:
        """The enabled currencies, with their exponents from ISO 4217."""
        return tuple(_currency(code) for code in _codes(self.currencies))


def variables() -> dict[str, str]:
    """The environment variable of each setting, by the setting's name."""
    return {
        name: str(field.validation_alias or f"{PREFIX}{name.upper()}")
        for name, field in Settings.model_fields.items()
    }


def misspelt(environment: Iterable[str]) -> list[str]:
    """Which of these variables look like settings of ours, but are none."""
    known = set(variables().values())
    ours = [name for name in environment if name.upper().startswith(PREFIX)]
    return sorted(
        name
        for name in ours
        if name.upper() not in known and not name.upper().startswith(PREFIX_OF_TESTS)
    )


def _check_database_url(value: str) -> None:
    """ValueError, which never repeats the value: it may hold a password."""
    scheme, separator, _ = value.partition("://")
    if not separator or scheme not in DATABASE_SCHEMES:
        raise ValueError("must be a URL that begins with postgresql:// (unset it for embedded)")
    if any(character.isspace() for character in value):
        raise ValueError("must not have spaces or line breaks in it")
    try:
        port = urlsplit(value).port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError(
            "must have a port from 1 to 65535 or none;"
            " special characters in a password are percent-encoded"
        )


def _codes(value: str) -> list[str]:
    """Each once, in the order in which they stand."""
    return list(dict.fromkeys(code.strip() for code in value.split(",") if code.strip()))


def _currency(code: str) -> Currency:
    try:
        exponent = iso4217.Currency(code).exponent
    except ValueError:
        exponent = None
    if exponent is None:
        raise ValueError(f"{code!r} is not an ISO 4217 currency with a minor unit")
    return Currency(code=code, exponent=exponent)
